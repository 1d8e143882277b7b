/** Folds of clones in which nobody has joined, under a login name that is the same on all of them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seededKeyRing } from '../../src/adapters/memory/local.ts'
import type { SessionName } from '../../src/model/index.ts'
import { note } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { ask, done } from '../support/acts.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { codesOf, verifyAfresh } from '../support/verified.ts'
import { notesOf } from '../support/witnessed.ts'

const [login, ada, ben] = names(3) as [SessionName, SessionName, SessionName]
const board = boardOf(['T1'], ['T2'])
const WEEKS = 20 * 24 * 3_600_000

/** Another machine: the same name has another key there. */
function withKeys(clone: Clone, seed: string): Clone {
  return { ...clone, box: { ...clone.box, keys: seededKeyRing(seed) } }
}

async function foldersOf(clone: Clone): Promise<string[]> {
  const folders = (await notesOf(clone)).map(({ checkpoint }) => checkpoint.folder)
  return folders.map(({ session, key }) => `${session} ${key.slice(0, 4)}`)
}

async function findings(...clones: Clone[]): Promise<string[]> {
  return codesOf(await verifyAfresh({ clones }, 'audit'))
}

test('two machines fold under one login name, and nobody is accused', () =>
  on({ kind: 'memory-remote', board }, async (_, a, b) => {
    const other = withKeys(b, 'other machine')
    await ask(a, ada)
    await fold(a.box, login)
    await done(a, ada)
    await fold(other.box, login)
    const folders = await foldersOf(a)
    assert.is(new Set(folders).size, 2, String(folders))
    assert.ok(folders.every((folder) => folder.startsWith(`${login} `)))
    assert.equal(await findings(a, other), [])
  }))

for (const silentMs of [0, WEEKS])
  test(`where another machine has spoken under that name ${silentMs === 0 ? 'now' : 'weeks ago'}, a fold is signed under one of its own`, () =>
    on({ kind: 'memory-remote', board }, async (one, a, b) => {
      const other = withKeys(b, 'other machine')
      await note(a.box, login, 'T1', 'seen')
      await fold(a.box, login)
      one.clock.advance(silentMs)
      await ask(other, ben)
      await fold(other.box, login)
      await done(other, ben)
      await fold(other.box, login)
      await note(a.box, login, 'T1', 'seen again')
      await fold(a.box, login)
      const key = async ({ box: { keys } }: Clone, name: SessionName) =>
        `${name} ${(await keys.publicKey(name)).slice(0, 4)}`
      const folders = new Set(await foldersOf(a))
      assert.ok(folders.has(await key(a, login)))
      assert.not.ok(folders.has(await key(other, login)))
      assert.ok(
        [...folders].some((folder) => new RegExp(`^${login}-[0-9a-f]{8} `).test(folder)),
        [...folders].join(),
      )
      assert.equal(await findings(a, other), [])
    }))

test('a session that is alive and of which only a seal and a sign of life are left keeps its name', () =>
  on({ kind: 'memory-remote', board: boardOf(['T1']) }, async ({ clock }, a, b) => {
    const other = withKeys(b, 'other machine')
    await ask(a, ben)
    await note(a.box, ada, 'T1', 'here I am')
    await fold(a.box, login)
    clock.advance(15 * 60_000)
    assert.match(await ask(a, ada), /^none/)
    const why = await note(other.box, ada, 'T1', 'and I').then(
      () => 'it was said',
      (error) => error.code,
    )
    assert.is(why, 'session/name-taken')
    await note(a.box, ada, 'T1', 'still here')
  }))

test.run()
