/** A prune with real git: the remote frees what was taken, and git's own commands go on with the notes. */
import { execFileSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../../src/model/index.ts'
import { HISTORY_PATH } from '../../../src/witness/index.ts'
import { LEVELS } from '../../../src/witness/verify/index.ts'
import { claim, codeOf, done, settle } from '../../support/acts.ts'
import { boardOf, type Clone, type Fleet, fleet, names } from '../../support/fleet.ts'
import type { Sandbox } from '../../support/git-servers.ts'
import { DAY_MS, pruneOlder } from '../../support/pruned.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import { notesOf } from '../../support/witnessed.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const SECRET = 'what nobody shall read in a year'

/** Two tasks are done with words of their own; half a year later another one is done, which moves both chains on. */
async function onOldRemote(refs: 'custom' | 'heads', work: (fleet: Fleet, a: Clone, b: Clone) => Promise<void>) {
  const one = await fleet({ kind: 'remote', board: boardOf(['T1'], ['T2'], ['T3'], ['T4']), config: { refs } })
  try {
    const [a, b] = [await one.clone(), await one.clone()]
    for (const [clone, session, task] of [
      [a, s1, 'T1'],
      [b, s2, 'T2'],
    ] as const) {
      await claim(clone, session, task)
      await done(clone, session, undefined, { note: `${SECRET} ${task}` })
      await settle(clone, session)
    }
    one.clock.advance(200 * DAY_MS)
    for (const [clone, session, task] of [
      [a, s1, 'T3'],
      [b, s2, 'T4'],
    ] as const) {
      await claim(clone, session, task)
      await done(clone, session)
      await settle(clone, session)
    }
    await work(one, a, b)
  } finally {
    await one.close()
  }
}

/** Contents of every object of a repository, event commits and notes among them, without the trees. */
function objectsOf({ environment }: Sandbox, repository: string): string {
  const options = { env: environment, cwd: repository, maxBuffer: 1 << 28 }
  return execFileSync('git', ['cat-file', '--batch-all-objects', '--batch'], options).toString('latin1')
}

test('after git gc no object of the remote holds an event that was pruned, and a fresh clone gets none', () =>
  onOldRemote('custom', async ({ sandbox, authority }, a, b) => {
    const box = sandbox as Sandbox
    const old = (await notesOf(a)).slice(0, 2).flatMap(({ events }) => events)
    assert.ok(old.length >= 4)
    assert.ok(old.every(({ signature }) => objectsOf(box, authority as string).includes(signature)))
    await pruneOlder(a, 183)
    box.git('.', `--git-dir=${authority}`, 'gc', '--quiet', '--prune=now')
    box.git('.', 'clone', '--quiet', '--mirror', `file://${authority}`, 'fresh.git')
    for (const repository of [authority as string, box.path('fresh.git')]) {
      const all = objectsOf(box, repository)
      assert.equal(
        old.filter(({ signature }) => all.includes(signature)),
        [],
      )
      // The note of a completion is also in the state files, which are the board's own record.
      assert.ok(all.includes('"done"'))
    }
    for (const level of LEVELS) assert.equal(codesOf(await verifyAfresh({ clones: [a, b] }, level)), [], level)
  }))

test('a clone that has never seen the log before the prune verifies it whole', () =>
  onOldRemote('custom', async (one, a) => {
    await pruneOlder(a, 183)
    const late = await one.clone()
    for (const level of LEVELS) assert.equal(codesOf(await verifyAfresh({ clones: [a, late] }, level)), [], level)
  }))

test('git shows the notes that stay, and keeps the list that is no note when a person writes one', () =>
  onOldRemote('custom', async ({ sandbox, authority }, a) => {
    const box = sandbox as Sandbox
    await pruneOlder(a, 183)
    box.git('.', 'clone', '--quiet', '--mirror', `file://${authority}`, 'mine.git')
    const git = (...args: string[]) => box.git('mine.git', ...args)
    const notes = await notesOf(a)
    const [first, last] = [notes[0], notes.at(-1)].map((note) => (note as NonNullable<typeof note>).checkpoint.board)
    assert.match(git('notes', '--ref=if-witness', 'show', first as string), /^if-board\/\S+\n2\n/)
    assert.match(git('notes', '--ref=if-witness', 'show', last as string), /^\{/)
    assert.match(git('log', '--notes=if-witness', '--format=%N', 'if-board/main'), /complete/)
    assert.is(git('notes', '--ref=if-witness', 'list').split('\n').length, notes.length)
    const list = git('show', `refs/notes/if-witness:${HISTORY_PATH}`)
    assert.is(list.split('\n').length, notes.length)
    git('notes', '--ref=if-witness', 'add', '--message=seen', `${last}~1^{tree}`)
    assert.is(git('show', `refs/notes/if-witness:${HISTORY_PATH}`), list)
    git('notes', '--ref=if-witness', 'prune')
    assert.is(git('show', `refs/notes/if-witness:${HISTORY_PATH}`), list)
    git('fsck', '--strict')
  }))

test('a server that lets branches only grow refuses a prune of notes on a branch', () =>
  onOldRemote('heads', async ({ sandbox, authority }, a, b) => {
    const box = sandbox as Sandbox
    box.git('.', `--git-dir=${authority}`, 'config', 'receive.denyNonFastForwards', 'true')
    assert.is(await codeOf(pruneOlder(a, 183)), 'authority/refused')
    for (const level of LEVELS) assert.equal(codesOf(await verifyAfresh({ clones: [a, b] }, level)), [], level)
    box.git('.', `--git-dir=${authority}`, 'config', 'receive.denyNonFastForwards', 'false')
    assert.is((await pruneOlder(a, 183)).kind, 'pruned')
    for (const level of LEVELS) assert.equal(codesOf(await verifyAfresh({ clones: [a, b] }, level)), [], level)
  }))

test.run()
