/** What `next` tells the holder of a task that its row says now and did not say when it was taken. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName } from '../../src/model/index.ts'
import type { ObjectStore } from '../../src/ports/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { next } from '../../src/workflows/next.ts'
import type { TaskCard } from '../../src/workflows/outcomes.ts'
import { ask, claim } from '../support/acts.ts'
import { boardOf, type Clone, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1] = names(1) as [SessionName]
const BOARD = boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'], ['T3'])

async function held(clone: Clone): Promise<TaskCard> {
  const outcome = await next(clone.box, { session: s1 })
  if (outcome.kind !== 'held') throw new Error(outcome.kind)
  return outcome.card
}

for (const kind of ['memory', 'local', 'remote'] as const)
  test(`an edited row is told field by field, after folds too, on ${kind}`, () =>
    on(
      BOARD,
      async (fleet, a) => {
        assert.is(await ask(a, s1), 'granted T1')
        assert.equal((await held(a)).changes, [])
        await fleet.edit((text) => text.replace('| Do T1 | AVAILABLE | None |', '| Do T1 well | AVAILABLE | T3 |'))
        const changes = ['title: Do T1 → Do T1 well', 'dependencies: + T3']
        assert.equal((await held(a)).changes, changes)
        assert.is((await fold(a.box, s1)).kind, 'folded')
        const after = await held(a)
        assert.equal(after.changes, changes)
        assert.equal(after.changed, [
          { field: 'title', before: 'Do T1', after: 'Do T1 well' },
          { field: 'dependencies', before: [], after: ['T3'] },
        ])
      },
      kind,
    ))

test('what others do to the board, and what a fold writes into the row, is no change of it', () =>
  on(BOARD, async (fleet, a) => {
    await ask(a, s1)
    await fleet.edit((text) => `${text}\nMore words.\n`)
    await fleet.edit(retype('T3', 'PAUSED'))
    await fold(a.box, s1)
    assert.match((await fleet.text()) ?? '', 'CLAIMED (session-1)')
    assert.equal([(await held(a)).changes, (await held(a)).changed], [[], []])
  }))

test('a row that was renamed is compared with what it was', () =>
  on(BOARD, async (fleet, a) => {
    await claim(a, s1, 'T3')
    await fleet.edit((text) => text.replace('| T3 | Do T3 | AVAILABLE | None |', '| T9 | Do T3 | AVAILABLE | T2 |'))
    assert.equal((await held(a)).changes, ['its id is now: T9', 'dependencies: + T2'])
  }))

/** The clone, with an object store that tells what is read of it and may lose it. */
function reading(clone: Clone, read: (oid: ObjectId, store: ObjectStore) => ReturnType<ObjectStore['read']>): Clone {
  const store = clone.box.objects
  const objects: ObjectStore = {
    hash: store.hash,
    oidBytes: store.oidBytes,
    read: (oid) => read(oid, store),
    write: (all) => store.write(all),
    close: () => store.close(),
  }
  return { ...clone, box: { ...clone.box, objects } }
}

test('the board as it was is read once, and never while it is the same', () =>
  on(BOARD, async (fleet, a) => {
    const board = (await fleet.text()) ?? ''
    let oldBoards = 0
    const watched = reading(a, async (oid, store) => {
      const object = await store.read(oid)
      if (object?.type === 'blob' && new TextDecoder().decode(object.body) === board) oldBoards += 1
      return object
    })
    await ask(watched, s1)
    const whenTaken = oldBoards
    await held(watched)
    assert.is(oldBoards, whenTaken)
    await fleet.edit((text) => text.replace('Do T1', 'Do T1 well'))
    for (let times = 0; times < 3; times += 1)
      assert.equal((await held(watched)).changes, ['title: Do T1 → Do T1 well'])
    assert.is(oldBoards, whenTaken + 1)
  }))

test('where the board as it was is lost, what the claim itself says is told', () =>
  on(BOARD, async (fleet, a) => {
    await ask(a, s1)
    const before = (await fleet.text()) ?? ''
    await fleet.edit((text) => text.replace('Do T1', 'Do T1 well'))
    const broken = reading(a, async (oid, store) => {
      const object = await store.read(oid)
      const isLost = object?.type === 'blob' && new TextDecoder().decode(object.body) === before
      return isLost ? undefined : object
    })
    assert.equal([(await held(broken)).changes, (await held(broken)).changed], [['its title is now: Do T1 well'], []])
  }))

test.run()
