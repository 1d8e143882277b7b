/** A branch that was rewound, by a forced push or a restored backup. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { acceptRewind, restoreRewound, sync } from '../../src/workflows/sync.ts'
import { ask, claim, codeOf, done, settle, standing } from '../support/acts.ts'
import {
  boardOf,
  type Clone,
  cell,
  type Fleet,
  type FleetKind,
  fleet,
  layout,
  names,
  retype,
} from '../support/fleet.ts'
import { upAndGivenUp } from '../support/switching.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const board = boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'], ['T3'])

/** T1 done and folded, then T3 done and folded; the branch is put back to before the first, or the second fold. */
async function rewound(kind: FleetKind, work: (fleet: Fleet, a: Clone, heads: readonly ObjectId[]) => Promise<void>) {
  const one = await fleet({ kind, board })
  try {
    const a = await one.clone()
    const heads = [await one.head()]
    for (const id of ['T1', 'T3']) {
      await claim(a, s1, id)
      await done(a, s1)
      await settle(a, s1)
      heads.push(await one.head())
    }
    await work(one, a, heads)
  } finally {
    await one.close()
  }
}

for (const kind of ['memory', 'local', 'remote'] as const)
  test(`next, claim, done and folds stop on a rewound branch, on ${kind}`, () =>
    rewound(kind, async (one, a, [first]) => {
      await one.force(layout.board, first)
      assert.is(await codeOf(ask(a, s2)), 'board/rewound')
      assert.is(await codeOf(claim(a, s2, 'T1')), 'board/rewound')
      assert.is(await codeOf(done(a, s1, 'T1')), 'board/rewound')
      assert.is(await codeOf(fold(a.box, s1)), 'board/rewound')
    }))

test('a completion of a claim that a switch had carried is brought back too', () =>
  rewound('memory', async (one, a) => {
    const before = await one.head()
    assert.is(await claim(a, s2, 'T2'), 'granted T2')
    await upAndGivenUp(a)
    assert.is(await done(a, s2), 'completed T2')
    await settle(a, s1)
    await one.force(layout.board, before)
    await restoreRewound(a.box, s1)
    assert.is(await standing(a), 'T1 done, T2 done, T3 done')
  }))

test('a rewind by exactly one fold is noticed too', () =>
  rewound('memory', async (one, a, [, second]) => {
    await one.force(layout.board, second)
    assert.is(await codeOf(ask(a, s2)), 'board/rewound')
  }))

test('a fresh clone notices it by the notes, which name their fold', () =>
  rewound('remote', async (one, _a, [first]) => {
    await one.force(layout.board, first)
    const fresh = await one.clone()
    assert.is(await codeOf(ask(fresh, s2)), 'board/rewound')
  }))

test('a board that goes forward past the last fold is no rewind', () =>
  rewound('memory', async (one, a) => {
    await one.edit((text) => `${text}\nMore.\n`)
    assert.is(await ask(a, s2), 'granted T2')
    const fresh = await one.clone()
    assert.is(await ask(fresh, s1), 'none')
  }))

test('a process that listed the branch before another one folded reports no rewind', () =>
  rewound('memory', async (_one, a) => {
    // Two processes of one clone: one memory, one authority; the slow one gets its answer late.
    const { refs } = a.box
    const late = {
      ...refs,
      async list() {
        const listed = await refs.list()
        late.list = refs.list
        await claim(a, s1, 'T2')
        await done(a, s1)
        await fold(a.box, s1)
        return listed
      },
    }
    assert.is(await ask({ ...a, box: { ...a.box, refs: late } }, s2), 'none')
  }))

test('accept goes on from the branch as it is, here and in fresh clones', () =>
  rewound('memory', async (one, a, [first]) => {
    await one.force(layout.board, first)
    assert.is((await acceptRewind(a.box, s2)).kind, 'accepted')
    assert.is(await standing(a), 'T1 ready, T2 blocked, T3 ready')
    assert.is(await claim(a, s2, 'T1'), 'granted T1')
    await done(a, s2)
    assert.is((await fold(a.box, s2)).kind, 'folded')
    const fresh = await one.clone()
    assert.is(await standing(fresh), 'T1 done, T2 ready, T3 ready')
    assert.is((await acceptRewind(a.box, s2)).kind, 'not-rewound')
  }))

for (const kind of ['memory', 'remote'] as const)
  test(`restore writes the sealed completions again, with who did them, on ${kind}`, () =>
    rewound(kind, async (one, a, [first]) => {
      const before = await one.state('T1')
      await one.force(layout.board, first)
      const outcome = await restoreRewound(a.box, s2)
      assert.equal(outcome.kind === 'restored' && outcome.tasks, ['TASK-BOARD.md:T1', 'TASK-BOARD.md:T3'])
      const text = await one.text()
      assert.equal([cell(text, 'T1'), cell(text, 'T2'), cell(text, 'T3')], ['COMPLETED', 'AVAILABLE', 'COMPLETED'])
      assert.equal(await one.state('T1'), before)
      assert.is(await standing(a), 'T1 done, T2 ready, T3 done')
      assert.is(await done(a, s1, 'T1'), 'completed T1 by session-1')
      assert.is((await restoreRewound(a.box, s2)).kind, 'not-rewound')
      assert.is((await sync(a.box, s2)).kind, 'nothing')
      const fresh = await one.clone()
      assert.is(await ask(fresh, s2), 'granted T2')
    }))

test('restore seals no event twice, and the chain goes on behind its seal', () =>
  rewound('remote', async (one, a, [first]) => {
    await one.force(layout.board, first)
    await restoreRewound(a.box, s2)
    await ask(a, s1)
    await fold(a.box, s2)
    const log = one.sandbox?.git('.', `--git-dir=${one.authority}`, 'ls-tree', '-r', '--name-only', layout.notes) ?? ''
    const events = log
      .split('\n')
      .map((path) => one.sandbox?.git('.', `--git-dir=${one.authority}`, 'show', `${layout.notes}:${path}`) ?? '')
      .flatMap((note) => note.split('\n').filter((line) => line.startsWith('{')))
      .map((line) => JSON.parse(line).sequence)
    assert.equal(events.sort(), [1, 2, 3, 4, 5])
  }))

test('restore leaves a task alone that a person had reopened on the lost part', () =>
  rewound('memory', async (one, a, [first]) => {
    await one.edit(retype('T3', 'AVAILABLE'))
    await settle(a, s1)
    await one.force(layout.board, first)
    await restoreRewound(a.box, s2)
    assert.is(await standing(a), 'T1 done, T2 ready, T3 ready')
  }))

test('restore keeps what people decided on the branch as it is', () =>
  rewound('memory', async (one, a, [first]) => {
    await one.force(layout.board, first)
    await one.edit(retype('T3', 'CANCELLED'))
    await restoreRewound(a.box, s2)
    assert.is(await standing(a), 'T1 done, T2 ready, T3 cancelled')
  }))

test('restore skips rows that the branch no longer has', () =>
  rewound('memory', async (one, a, [first]) => {
    await one.force(layout.board, first)
    await one.edit((text) => text.replace(/^\| T3 .*\n/m, ''))
    const outcome = await restoreRewound(a.box, s2)
    assert.equal(outcome.kind === 'restored' && outcome.tasks, ['TASK-BOARD.md:T1'])
  }))

test('restore refuses where the notes went with the branch', () =>
  rewound('memory', async (one, a, [first]) => {
    await one.force(layout.board, first)
    await one.force(layout.notes, undefined)
    assert.is(await codeOf(restoreRewound(a.box, s2)), 'board/rewound')
    assert.is((await acceptRewind(a.box, s2)).kind, 'accepted')
  }))

test('a second rewind does not bring back what a person gave up at the first', () =>
  rewound('memory', async (one, a, [first, second]) => {
    await one.force(layout.board, second)
    await acceptRewind(a.box, s2)
    await ask(a, s1)
    await done(a, s1)
    await settle(a, s1)
    assert.is(await standing(a), 'T1 done, T2 done, T3 ready')
    await one.force(layout.board, first)
    await restoreRewound(a.box, s2)
    assert.is(await standing(a), 'T1 done, T2 done, T3 ready')
  }))

test('a clone that was asleep during a restore goes on by restoring: nothing is left to write', () =>
  rewound('memory', async (one, a, [first]) => {
    const b = await one.clone()
    assert.is(await ask(b, s2), 'granted T2')
    await one.force(layout.board, first)
    await restoreRewound(a.box, s1)
    assert.is(await codeOf(ask(b, s2)), 'board/rewound')
    const outcome = await restoreRewound(b.box, s2)
    assert.equal(outcome.kind === 'restored' && outcome.tasks, [])
    assert.is(await ask(b, s2), 'held T2')
  }))

test('sync without a rewind has nothing to accept or to restore', () =>
  rewound('memory', async (_one, a) => {
    assert.is((await acceptRewind(a.box, s2)).kind, 'not-rewound')
    assert.is((await restoreRewound(a.box, s1)).kind, 'not-rewound')
  }))

test.run()
