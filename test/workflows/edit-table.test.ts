/** People's edits win: every row of the edit table, by plain commits on real git, before and after the fold. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claimTask } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { claim, done, release, settle, standing } from '../support/acts.ts'
import { isFull } from '../support/claims.ts'
import {
  boardOf,
  type Clone,
  cell,
  claimRefOf,
  type Fleet,
  type FleetKind,
  fleet,
  keyOf,
  names,
  retype,
} from '../support/fleet.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]

/** One task of the board and what sessions do with it; answers say `T` for its id. */
interface Task {
  claim(session: SessionName): Promise<string>
  done(session: SessionName): Promise<string>
  release(session: SessionName): Promise<string>
  /** What a holder is told about changes. */
  told(session: SessionName): Promise<string>
  epoch(): Promise<number | undefined>
  claimed(): Promise<ObjectId | undefined>
  force(oid: ObjectId | undefined): Promise<void>
}

interface Row {
  readonly name: string
  /** Bring R to where the row begins, before a fold shows it. */
  readonly before?: (task: Task) => Promise<unknown>
  /** What happens between that fold and the person's edit. */
  readonly unseen?: (task: Task) => Promise<unknown>
  readonly type: string
  /** What sessions are answered before the edit is folded. */
  readonly answers: (task: Task) => Promise<void>
  /** After the fold: the status cell, R, and how the task stands; it stands so before the fold too. */
  readonly cell: string
  readonly R: 'absent' | 'kept'
  readonly stands: string
}

let old: ObjectId | undefined

const rows: readonly Row[] = [
  {
    name: 'done typed, R absent: settled by the person',
    type: 'COMPLETED',
    answers: async (task) => {
      assert.is(await task.claim(s1), 'none')
      assert.is(await task.done(s1), 'already-settled T by Ada Person')
    },
    cell: 'COMPLETED',
    R: 'absent',
    stands: 'done',
  },
  {
    name: 'done typed, R granted: settled, g swept, the holder’s done is already-settled by that person',
    before: (task) => task.claim(s1),
    type: 'COMPLETED',
    answers: async (task) => assert.is(await task.done(s1), 'already-settled T by Ada Person'),
    cell: 'COMPLETED',
    R: 'absent',
    stands: 'done',
  },
  {
    name: 'done typed, R returned: settled, r swept',
    before: (task) => task.claim(s1).then(() => task.release(s1)),
    type: 'COMPLETED',
    answers: async (task) => assert.is(await task.claim(s2), 'none'),
    cell: 'COMPLETED',
    R: 'absent',
    stands: 'done',
  },
  {
    name: 'done typed, R completed: one completion, the session’s',
    unseen: (task) => task.claim(s1).then(() => task.done(s1)),
    type: 'COMPLETED',
    answers: async (task) => assert.is(await task.done(s1), 'completed T by session-1'),
    cell: 'COMPLETED',
    R: 'absent',
    stands: 'done',
  },
  {
    name: 'available typed over the claim that was shown: revoked, and the late done names the person',
    before: (task) => task.claim(s1),
    type: 'AVAILABLE',
    answers: async (task) => assert.is(await task.done(s1), 'lost T to Ada Person'),
    cell: 'AVAILABLE',
    R: 'absent',
    stands: 'ready',
  },
  {
    name: 'available typed for an older claim: no effect, shown again',
    before: (task) => task.claim(s1),
    unseen: (task) => task.release(s1).then(() => task.claim(s2)),
    type: 'AVAILABLE',
    answers: async (task) => {
      assert.is(await task.claim(s1), 'lost T to session-2')
      assert.match(await task.told(s2), 'for an older claim; yours stands')
    },
    cell: 'CLAIMED (session-2)',
    R: 'kept',
    stands: 'claimed by session-2',
  },
  {
    name: 'available typed over a claim that is completed by now: the completion came first',
    before: (task) => task.claim(s1),
    unseen: (task) => task.done(s1),
    type: 'AVAILABLE',
    answers: async (task) => assert.is(await task.claim(s2), 'none'),
    cell: 'COMPLETED',
    R: 'absent',
    stands: 'done',
  },
  {
    name: 'available typed over done: reopened, and the epoch goes on',
    before: (task) => task.claim(s1).then(() => task.done(s1)),
    type: 'AVAILABLE',
    answers: async (task) => {
      assert.is(await task.claim(s2), 'granted T')
      assert.is(await task.epoch(), 2)
      await task.release(s2)
    },
    cell: 'AVAILABLE',
    R: 'kept',
    stands: 'ready',
  },
  {
    name: 'available typed over done, R still the old completion that no fold swept: reopened',
    before: async (task) => {
      await task.claim(s1)
      await task.done(s1)
      old = await task.claimed()
    },
    unseen: (task) => task.force(old),
    type: 'AVAILABLE',
    answers: async () => undefined,
    cell: 'AVAILABLE',
    R: 'absent',
    stands: 'ready',
  },
  {
    name: 'available typed over done and taken again: refs decide',
    before: (task) => task.claim(s1).then(() => task.done(s1)),
    type: 'AVAILABLE',
    answers: async (task) => {
      assert.is(await task.claim(s2), 'granted T')
      assert.is(await task.claim(s1), 'lost T to session-2')
    },
    cell: 'CLAIMED (session-2)',
    R: 'kept',
    stands: 'claimed by session-2',
  },
  {
    name: 'claimed typed over available: held by the person, never offered',
    type: 'CLAIMED',
    answers: async (task) => assert.is(await task.claim(s1), 'lost T to person'),
    cell: 'CLAIMED',
    R: 'absent',
    stands: 'claimed by person',
  },
  {
    name: 'claimed typed over done: held by the person',
    before: (task) => task.claim(s1).then(() => task.done(s1)),
    type: 'CLAIMED',
    answers: async (task) => assert.is(await task.claim(s1), 'lost T to person'),
    cell: 'CLAIMED',
    R: 'absent',
    stands: 'claimed by person',
  },
  {
    name: 'claimed typed while a session holds it unseen: the session holds',
    unseen: (task) => task.claim(s1),
    type: 'CLAIMED',
    answers: async (task) => {
      assert.is(await task.claim(s1), 'held T')
      assert.is(await task.claim(s2), 'lost T to session-1')
    },
    cell: 'CLAIMED',
    R: 'kept',
    stands: 'claimed by session-1',
  },
  ...['BLOCKED', 'ON HOLD', 'DEFERRED'].map(
    (type): Row => ({
      name: `${type} typed, R absent: set aside until it is changed again`,
      type,
      answers: async (task) => assert.is(await task.claim(s1), 'none'),
      cell: type,
      R: 'absent',
      stands: 'paused',
    }),
  ),
  {
    name: 'paused typed, R granted: the holder is told and may finish',
    before: (task) => task.claim(s1),
    type: 'PAUSED',
    answers: async (task) => {
      assert.match(await task.told(s1), 'you may finish it')
      assert.is(await task.claim(s2), 'none')
    },
    cell: 'PAUSED',
    R: 'kept',
    stands: 'paused by session-1',
  },
  {
    name: 'paused typed, R completed: the completion came first',
    unseen: (task) => task.claim(s1).then(() => task.done(s1)),
    type: 'PAUSED',
    answers: async (task) => assert.is(await task.done(s1), 'completed T by session-1'),
    cell: 'COMPLETED',
    R: 'absent',
    stands: 'done',
  },
  {
    name: 'cancelled typed: settled, the holder’s done finds it so',
    before: (task) => task.claim(s1),
    type: 'CANCELLED',
    answers: async (task) => assert.match(await task.done(s1), /^already-settled T by /),
    cell: 'CANCELLED',
    R: 'absent',
    stands: 'cancelled',
  },
  {
    name: 'a word that nobody understands: never offered, never overwritten',
    type: 'PERHAPS',
    answers: async (task) => assert.is(await task.claim(s1), 'none'),
    cell: 'PERHAPS',
    R: 'absent',
    stands: 'unknown',
  },
]

const idOf = (index: number): string => `T${index + 1}`

function taskOn(one: Fleet, clone: Clone, id: string): Task {
  const short = async (answer: Promise<string>) => (await answer).replace(id, 'T')
  return {
    claim: (session) => short(claim(clone, session, id)),
    done: (session) => short(done(clone, session, id)),
    release: (session) => short(release(clone, session, id)),
    told: async (session) => {
      const outcome = await claimTask(clone.box, { session, task: id })
      return outcome.kind === 'held' ? outcome.card.changes.join('; ') : outcome.kind
    },
    epoch: async () => (await read(clone.box)).claims.find(({ key }) => key === keyOf(id))?.epoch,
    claimed: () => one.claimOf(id),
    force: (oid) => one.force(claimRefOf(id), oid),
  }
}

async function standings(clone: Clone): Promise<string[]> {
  return (await standing(clone)).split(', ').map((words) => words.replace(/^\S+ /, ''))
}

/** All rows on one board, each on its own task; how each stands and what its cell says, before and after. */
async function play(kind: FleetKind) {
  const board = boardOf(...rows.map((_, index) => [idOf(index)] as const))
  const one = await fleet({ kind, board, config: { maxTasks: 50 } })
  try {
    const clone = await one.clone()
    const tasks = rows.map((_, index) => taskOn(one, clone, idOf(index)))
    for (const [index, { before }] of rows.entries()) await before?.(tasks[index] as Task)
    await settle(clone, s2)
    for (const [index, { unseen }] of rows.entries()) await unseen?.(tasks[index] as Task)
    await one.edit((text) => rows.reduce((now, { type }, index) => retype(idOf(index), type)(now), text))
    await one.edit((text) => `${text}\nAn afterthought.\n`, { by: 'Bob Other' })
    const failures = new Map<string, unknown>()
    for (const [index, { name, answers }] of rows.entries())
      await answers(tasks[index] as Task).catch((error) => failures.set(name, error))
    const judged = await standings(clone)
    const folded = await fold(clone.box, s2)
    const text = await one.text()
    const refs = await one.refs()
    return {
      failures,
      judged,
      folded,
      cells: rows.map((_, index) => cell(text, idOf(index))),
      refs: rows.map((_, index) => (refs.has(claimRefOf(idOf(index))) ? 'kept' : 'absent')),
      after: await standings(clone),
      furtherFolds: await settle(clone, s2),
    }
  } finally {
    await one.close()
  }
}

for (const kind of ['memory', 'local', ...(isFull ? (['remote'] as const) : [])] as const) {
  const played = play(kind)
  for (const [index, { name, ...expected }] of rows.entries())
    test(`${name} (${kind})`, async () => {
      const { failures, judged, cells, refs, after } = await played
      if (failures.has(name)) throw failures.get(name)
      assert.is(judged[index], expected.stands, 'before the fold')
      assert.is(cells[index], expected.cell)
      assert.is(refs[index], expected.R)
      assert.is(after[index], expected.stands, 'after the fold')
    })

  test(`one fold says everything (${kind})`, async () => {
    const { folded, furtherFolds } = await played
    assert.is(folded.kind, 'folded')
    assert.is(furtherFolds, 0)
  })
}

test('a cancelled task satisfies nothing: its dependants are blocked, with a diagnostic', async () => {
  const one = await fleet({ kind: 'memory', board: boardOf(['T1'], ['T2', 'AVAILABLE', 'T1']) })
  const clone = await one.clone()
  await one.edit(retype('T1', 'WON’T DO'))
  assert.is(await standing(clone), 'T1 cancelled, T2 blocked')
  const { diagnostics } = (await read(clone.box)).snapshot
  assert.ok(diagnostics.some(({ code }) => code === 'board/cancelled-dependency'))
  await settle(clone, s1)
  assert.is(await standing(clone), 'T1 cancelled, T2 blocked')
  await one.close()
})

test('after a folded revoke the late done still names the person, also when others edited since', async () => {
  const one = await fleet({ kind: 'memory', board: boardOf(['T1'], ['T2']) })
  const clone = await one.clone()
  await claim(clone, s1, 'T1')
  await settle(clone, s2)
  await one.edit(retype('T1', 'AVAILABLE'), { by: 'Ada Person' })
  await one.edit((text) => `${text}\n`, { by: 'Bob Other' })
  await settle(clone, s2)
  await one.edit((text) => `${text}\n`, { by: 'Bob Other' })
  assert.is(await done(clone, s1, 'T1'), 'lost T1 to Ada Person')
  assert.is((await one.state('T1'))?.said?.status, 'available')
  await one.close()
})

test('what a person settled is recorded with that person', async () => {
  const one = await fleet({ kind: 'memory', board: boardOf(['T1'], ['T2']) })
  const clone = await one.clone()
  await one.edit(retype('T1', 'COMPLETED'), { by: 'Ada Person' })
  await one.edit(retype('T2', 'COMPLETED'), { by: 'Bob Other' })
  await settle(clone, s2)
  assert.is((await one.state('T1'))?.done?.name, 'Ada Person')
  assert.is((await one.state('T2'))?.done?.name, 'Bob Other')
  assert.is(await done(clone, s1, 'T1'), 'already-settled T1 by Ada Person')
  await one.close()
})

test('a dependency on a removed row that was done is done', async () => {
  const one = await fleet({ kind: 'memory', board: boardOf(['T1'], ['T2', 'AVAILABLE', 'T1']) })
  const clone = await one.clone()
  await claim(clone, s1, 'T1')
  await done(clone, s1)
  await settle(clone, s2)
  await one.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
  assert.is(await standing(clone), 'T2 ready')
  assert.is((await one.state('T1'))?.key, keyOf('T1'))
  await one.close()
})

test.run()
