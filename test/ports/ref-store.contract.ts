/** What every RefStore promises; run for each adapter. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ObjectId, type RefName, toRefName } from '../../src/model/index.ts'
import type { MoveOutcome, RefStore } from '../../src/ports/index.ts'

export interface RefStoreWorld {
  /** Stores of that many independent participants on one authority. */
  open(count: number): Promise<RefStore[]>
  /** A new commit that every store of this world can push; the same text gives the same commit. */
  commit(text: string): Promise<ObjectId>
  close(): Promise<void>
}

const claim = (name: string): RefName => toRefName(`refs/if-board/c/${name}-00000000`)
const session = (name: string): RefName => toRefName(`refs/if-board/s/${name}-00000000`)
const board = toRefName('refs/heads/if-board/main')
const notes = toRefName('refs/notes/if-witness')

export function refStoreContract(name: string, build: () => Promise<RefStoreWorld>): void {
  const test = suite<{ world: RefStoreWorld }>(`RefStore: ${name}`)
  test.before(async (context) => {
    context.world = await build()
  })
  test.after(async ({ world }) => {
    await world.close()
  })

  test('an authority without coordination refs lists nothing', async ({ world }) => {
    const [store] = await open(world, 1)
    assert.is((await store.list()).size, 0)
  })

  test('a ref is created, seen by others, moved and deleted', async ({ world }) => {
    const [store, other] = await open(world, 2)
    const [first, second] = await commits(world, 'life', 2)
    const ref = claim('life')
    is(await store.moveAll([{ ref, expected: undefined, next: first }]), 'moved')
    assert.is((await other.list()).get(ref), first)
    is(await other.moveAll([{ ref, expected: first, next: second }]), 'moved')
    assert.is((await store.list()).get(ref), second)
    is(await store.moveAll([{ ref, expected: second, next: undefined }]), 'moved')
    assert.is((await other.list()).has(ref), false)
  })

  test('board, notes and claims are listed by the names the authority gives them', async ({ world }) => {
    const [store, other] = await open(world, 2)
    const [one, two, three] = await commits(world, 'names', 3)
    const refs: readonly [RefName, ObjectId][] = [
      [board, one],
      [notes, two],
      [claim('names'), three],
      [toRefName('refs/if-board/mode'), one],
    ]
    is(await store.moveAll(refs.map(([ref, next]) => ({ ref, expected: undefined, next }))), 'moved')
    const seen = await other.list()
    for (const [ref, oid] of refs) assert.is(seen.get(ref), oid, ref)
    is(await store.moveAll(refs.map(([ref, expected]) => ({ ref, expected, next: undefined }))), 'moved')
  })

  test('a look tells the values that a list tells, also what another store has just moved', async ({ world }) => {
    const [mine, other] = await open(world, 2)
    const [one, two] = await commits(world, 'look', 2)
    is(await mine.moveAll([{ ref: claim('look'), expected: undefined, next: one }]), 'moved')
    assert.is((await other.peek()).get(claim('look')), one)
    is(await other.moveAll([{ ref: claim('look'), expected: one, next: two }]), 'moved')
    assert.equal([...(await mine.peek())].sort(), [...(await mine.list())].sort())
    assert.is((await mine.peek()).get(claim('look')), two)
  })

  test('a ref that is not where it was expected is stale, and stays', async ({ world }) => {
    const [store, other] = await open(world, 2)
    const [first, second, third] = await commits(world, 'stale', 3)
    const ref = claim('stale')
    is(await store.moveAll([{ ref, expected: undefined, next: first }]), 'moved')
    assert.equal(await other.moveAll([{ ref, expected: undefined, next: second }]), { kind: 'stale', refs: [ref] })
    assert.equal(await other.moveAll([{ ref, expected: third, next: second }]), { kind: 'stale', refs: [ref] })
    assert.equal(await other.moveAll([{ ref, expected: third, next: undefined }]), { kind: 'stale', refs: [ref] })
    assert.is((await other.list()).get(ref), first)
    const gone = claim('never-there')
    assert.equal(await store.moveAll([{ ref: gone, expected: first, next: second }]), { kind: 'stale', refs: [gone] })
    assert.equal(await store.moveAll([{ ref: gone, expected: first, next: undefined }]), {
      kind: 'stale',
      refs: [gone],
    })
  })

  test('of a set with one stale ref nothing moves', async ({ world }) => {
    const [store] = await open(world, 1)
    const [old, next] = await commits(world, 'set', 2)
    const [a, b, c] = [session('set'), claim('set-b'), claim('set-c')]
    is(await store.moveAll([{ ref: b, expected: undefined, next: old }]), 'moved')
    const outcome = await store.moveAll([
      { ref: a, expected: undefined, next },
      { ref: b, expected: undefined, next },
      { ref: c, expected: undefined, next },
    ])
    assert.equal(outcome, { kind: 'stale', refs: [b] })
    const seen = await store.list()
    assert.equal([seen.get(a), seen.get(b), seen.get(c)], [undefined, old, undefined])
  })

  test('of six participants that move one ref at once, exactly one succeeds', async ({ world }) => {
    const stores = await open(world, 6)
    const ref = claim('race')
    const nexts = await commits(world, 'race', 6)
    const outcomes = await Promise.all(
      stores.map((store, at) =>
        store.moveAll([
          { ref: session(`race-${at}`), expected: undefined, next: nexts[at] },
          { ref, expected: undefined, next: nexts[at] },
        ]),
      ),
    )
    const winners = outcomes.flatMap((outcome, at) => (outcome.kind === 'moved' ? [at] : []))
    assert.is(winners.length, 1, JSON.stringify(outcomes))
    for (const outcome of outcomes)
      assert.ok(['moved', 'stale', 'busy'].includes(outcome.kind), JSON.stringify(outcome))
    const seen = await (stores[0] as RefStore).list()
    assert.is(seen.get(ref), nexts[winners[0] as number])
    stores.forEach((_, at) => {
      assert.is(seen.get(session(`race-${at}`)), at === winners[0] ? nexts[at] : undefined)
    })
  })

  test('six participants that create the very same object: at most one is told that it moved', async ({ world }) => {
    const stores = await open(world, 6)
    const [next] = await commits(world, 'same', 1)
    const ref = claim('same')
    const outcomes = await Promise.all(stores.map((store) => store.moveAll([{ ref, expected: undefined, next }])))
    assert.ok(outcomes.filter(({ kind }) => kind === 'moved').length <= 1, JSON.stringify(outcomes))
    assert.is((await (stores[0] as RefStore).list()).get(ref), next)
  })

  test('moving a ref to the object that it holds is never a move', async ({ world }) => {
    const [store, other] = await open(world, 2)
    const [next] = await commits(world, 'twice', 1)
    const ref = claim('twice')
    is(await store.moveAll([{ ref, expected: undefined, next }]), 'moved')
    assert.equal(await store.moveAll([{ ref, expected: undefined, next }]), { kind: 'stale', refs: [ref] })
    assert.equal(await other.moveAll([{ ref, expected: undefined, next }]), { kind: 'stale', refs: [ref] })
    assert.equal(await store.moveAll([{ ref, expected: next, next }]), { kind: 'stale', refs: [ref] })
  })

  test('a set of which one ref holds its new object already is not moved', async ({ world }) => {
    const [store] = await open(world, 1)
    const [next] = await commits(world, 'half', 1)
    const [s, c] = [session('half'), claim('half')]
    is(await store.moveAll([{ ref: s, expected: undefined, next }]), 'moved')
    const outcome = await store
      .moveAll([
        { ref: s, expected: undefined, next },
        { ref: c, expected: undefined, next },
      ])
      .catch(() => 'not known')
    assert.is.not((outcome as MoveOutcome).kind, 'moved')
  })

  test('a claim ref may move to a commit that is no child of the old one', async ({ world }) => {
    const [store] = await open(world, 1)
    const [first, second] = await commits(world, 'unrelated', 2)
    const ref = claim('unrelated')
    is(await store.moveAll([{ ref, expected: undefined, next: first }]), 'moved')
    is(await store.moveAll([{ ref, expected: first, next: second }]), 'moved')
  })

  test('refs whose names begin alike live side by side', async ({ world }) => {
    const [store] = await open(world, 1)
    const [oid] = await commits(world, 'alike', 1)
    const refs = [claim('p0.1'), claim('p0.1.1'), claim('p0.1.1.1')]
    is(await store.moveAll(refs.map((ref) => ({ ref, expected: undefined, next: oid }))), 'moved')
    const seen = await store.list()
    assert.ok(refs.every((ref) => seen.get(ref) === oid))
  })

  test('a hundred refs are deleted in one move, and one wrong value keeps them all', async ({ world }) => {
    const [store] = await open(world, 1)
    const [oid, wrong] = await commits(world, 'sweep', 2)
    const refs = Array.from({ length: 100 }, (_, at) => claim(`sweep-${at}`))
    is(await store.moveAll(refs.map((ref) => ({ ref, expected: undefined, next: oid }))), 'moved')
    const sweep = refs.map((ref) => ({ ref, expected: oid as ObjectId | undefined, next: undefined }))
    is(await store.moveAll([...sweep.slice(1), { ref: claim('sweep-0'), expected: wrong, next: undefined }]), 'stale')
    const before = await store.list()
    assert.ok(refs.every((ref) => before.get(ref) === oid))
    is(await store.moveAll(sweep), 'moved')
    const after = await store.list()
    assert.ok(refs.every((ref) => !after.has(ref)))
  })

  test('a store with guards moves nothing when a guarded ref is elsewhere', async ({ world }) => {
    const [store] = await open(world, 1)
    if (!store.guards) return
    const [one, two] = await commits(world, 'guard', 2)
    const [head, ref] = [claim('guard-head'), claim('guard')]
    is(await store.moveAll([{ ref: head, expected: undefined, next: one }]), 'moved')
    const move = [{ ref, expected: undefined, next: two }]
    assert.equal(await store.moveAll(move, new Map([[head, two]])), { kind: 'stale', refs: [head] })
    assert.equal(await store.moveAll(move, new Map([[head, undefined]])), { kind: 'stale', refs: [head] })
    const absent = new Map([[claim('guard-none'), one]])
    assert.equal(await store.moveAll(move, absent), { kind: 'stale', refs: [claim('guard-none')] })
    is(
      await store.moveAll(
        move,
        new Map<RefName, ObjectId | undefined>([
          [head, one],
          [claim('guard-none'), undefined],
        ]),
      ),
      'moved',
    )
  })

  test.run()
}

async function open<Count extends number>(world: RefStoreWorld, count: Count): Promise<Tuple<RefStore, Count>> {
  return (await world.open(count)) as unknown as Tuple<RefStore, Count>
}

async function commits<Count extends number>(
  world: RefStoreWorld,
  text: string,
  count: Count,
): Promise<Tuple<ObjectId, Count>> {
  const made: ObjectId[] = []
  for (let at = 0; at < count; at += 1) made.push(await world.commit(`${text} ${at}`))
  return made as unknown as Tuple<ObjectId, Count>
}

type Tuple<T, Count extends number, Items extends T[] = []> = Items['length'] extends Count
  ? Items
  : Tuple<T, Count, [...Items, T]>

function is(outcome: MoveOutcome, kind: MoveOutcome['kind']): void {
  assert.is(outcome.kind, kind, JSON.stringify(outcome))
}
