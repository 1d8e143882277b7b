/** Several who speak at once, as one who asks git. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, RefName } from '../../../src/model/index.ts'
import type { MoveOutcome, RefMove, RefStore } from '../../../src/ports/index.ts'
import { together } from '../../../src/workflows/fast/together.ts'

const oid = (digit: number) => String(digit).repeat(40) as ObjectId
const ref = (name: string) => `refs/if-board/c/${name}` as RefName
const move = (name: string): RefMove => ({ ref: ref(name), expected: undefined, next: oid(1) })

/** Compares and sets in memory, and counts what it is asked. */
function counted(refs = new Map<RefName, ObjectId>()) {
  const pushes: number[] = []
  let lists = 0
  const moveAll = async (moves: readonly RefMove[]): Promise<MoveOutcome> => {
    pushes.push(moves.length)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const stale = moves.filter((one) => refs.get(one.ref) !== one.expected).map((one) => one.ref)
    if (stale.length > 0) return { kind: 'stale', refs: stale }
    for (const { ref: name, next } of moves) if (next !== undefined) refs.set(name, next)
    return { kind: 'moved' }
  }
  const list = async () => {
    lists += 1
    const now = new Map(refs)
    await new Promise((resolve) => setTimeout(resolve, 5))
    return now
  }
  const store: RefStore = { guards: true, list, peek: list, moveAll }
  return { store, pushes, lists: () => lists, refs }
}

test('what all of them move goes in one push, and two lists answer all who ask at once', async () => {
  const { store, pushes, lists, refs } = counted()
  await together(store, ['a', 'b', 'c', 'd'], async (name, shared) => {
    await shared.list()
    assert.is((await shared.moveAll([move(name)])).kind, 'moved')
  })
  assert.equal([pushes, lists(), refs.size], [[4], 2, 4])
})

test('where one stood in the way each goes by itself, and that one alone hears of it', async () => {
  const { store, pushes } = counted(new Map([[ref('b'), oid(2)]]))
  const outcomes = new Map<string, string>()
  await together(store, ['a', 'b', 'c'], async (name, shared) => {
    outcomes.set(name, (await shared.moveAll([move(name)])).kind)
  })
  assert.equal(pushes, [3, 1, 1, 1])
  assert.equal([...outcomes].sort(), [
    ['a', 'moved'],
    ['b', 'stale'],
    ['c', 'moved'],
  ])
})

test('more than the command line of Windows can name go in several pushes, each whole', async () => {
  const { store, pushes, refs } = counted()
  const sessions = Array.from({ length: 40 }, (_, at) => `${at}-`.padEnd(300, 'x'))
  await together(store, sessions, async (name, shared) => {
    assert.is((await shared.moveAll([move(name), move(`${name}-claim`)])).kind, 'moved')
  })
  assert.equal([pushes, refs.size], [[30, 30, 20], 80])
})

test('nobody waits for one that has ended or failed, and how each ended is told when all have', async () => {
  const { store, pushes, refs } = counted()
  const ends = await together(store, ['a', 'b', 'c', 'd'], async (name, shared) => {
    if (name === 'a') return
    if (name === 'b') throw new Error('its name is taken')
    await shared.moveAll([move(name)])
  })
  assert.equal(
    ends.map((end) => (end.status === 'rejected' ? end.reason.message : end.status)),
    ['fulfilled', 'its name is taken', 'fulfilled', 'fulfilled'],
  )
  assert.equal([pushes, refs.size], [[2], 2])
})

test('a list that began before it was asked for is no answer', async () => {
  const { store, refs } = counted()
  await together(store, ['early', 'late'], async (name, shared) => {
    if (name === 'early') return void (await shared.list())
    await Promise.resolve()
    refs.set(ref('new'), oid(3))
    assert.is((await shared.list()).get(ref('new')), oid(3))
  })
})

test('each later round is answered by a list of its own', async () => {
  const { store, refs } = counted()
  await together(store, ['a', 'b', 'c'], async (name, shared) => {
    for (let round = 0; round < 4; round += 1) {
      refs.set(ref(`${name}${round}`), oid(3))
      assert.is((await shared.list()).get(ref(`${name}${round}`)), oid(3))
    }
  })
})

test.run()
