/** `witness prune`, step by step: what it takes, what it refuses, and what the readers of the log say afterwards. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seededKeyRing } from '../../../src/adapters/memory/local.ts'
import { verifyEd25519 } from '../../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../../src/adapters/process/ssh-crypto.ts'
import { encodeCommit, type ObjectId, type SessionName } from '../../../src/model/index.ts'
import { LEVELS, readBundle, verifyLog } from '../../../src/witness/verify/index.ts'
import { changeTree, readCommit } from '../../../src/workflows/branch-tree.ts'
import { fold } from '../../../src/workflows/fold.ts'
import { say } from '../../../src/workflows/publish.ts'
import { read } from '../../../src/workflows/read.ts'
import { restoreRewound } from '../../../src/workflows/sync.ts'
import { witnessBundle } from '../../../src/workflows/witness/bundle.ts'
import { costs } from '../../../src/workflows/witness/costs.ts'
import { exportEntries } from '../../../src/workflows/witness/export.ts'
import { lastEntries, openLog } from '../../../src/workflows/witness/log-book.ts'
import { prunedPart } from '../../../src/workflows/witness/log-index.ts'
import { prune } from '../../../src/workflows/witness/prune.ts'
import { taskStory } from '../../../src/workflows/witness/story.ts'
import { claim, codeOf, done, settle } from '../../support/acts.ts'
import { boardOf, type Clone, type Fleet, fleet, layout, names } from '../../support/fleet.ts'
import { DAY_MS, pruneOlder } from '../../support/pruned.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import { notesOf, sealedNotes } from '../../support/witnessed.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]

/** T1 is claimed in fold 1 and done in fold 2; 100 days later T2 is done in one fold; it is the day 200. */
async function onOldLog(work: (fleet: Fleet, a: Clone, b: Clone) => Promise<void>): Promise<void> {
  const one = await fleet({ kind: 'memory-remote', board: boardOf(['T1'], ['T2'], ['T3']) })
  try {
    const [a, b] = [await one.clone(), await one.clone()]
    await claim(a, s1, 'T1')
    await settle(a, s1)
    await done(a, s1)
    await settle(a, s1)
    one.clock.advance(100 * DAY_MS)
    await claim(b, s2, 'T2')
    await done(b, s2)
    await settle(b, s2)
    one.clock.advance(100 * DAY_MS)
    await work(one, a, b)
  } finally {
    await one.close()
  }
}

async function assertHolds(clones: readonly Clone[]): Promise<void> {
  for (const level of LEVELS) assert.equal(codesOf(await verifyAfresh({ clones }, level)), [], level)
}

const notesRef = async (one: Fleet) => (await one.refs()).get(layout.notes)

test('old folds lose their events, newer ones keep them, and every checkpoint stays', () =>
  onOldLog(async (_one, a, b) => {
    const before = await notesOf(a)
    assert.equal(await pruneOlder(a, 190), { kind: 'pruned', throughFold: 2, events: 2, folds: 2 })
    assert.equal(await sealedNotes(a), [[], [], ['session-2#1 claim', 'session-2#2 complete']])
    const after = await notesOf(a)
    assert.equal(
      after.map(({ signature }) => signature),
      before.map(({ signature }) => signature),
    )
    await assertHolds([a, b])
  }))

test('a dry run tells what would go, and moves nothing', () =>
  onOldLog(async (one, a) => {
    const before = await one.refs()
    const request = { author: s1, before: a.box.clock.now().wallMs - 190 * DAY_MS, verify: verifyEd25519 }
    const outcome = await prune(a.box, { ...request, mode: 'dry-run' })
    assert.equal(outcome, { kind: 'would-prune', throughFold: 2, events: 2, folds: 2 })
    assert.equal([...(await one.refs())], [...before])
  }))

test('what is younger than 183 days is refused, and exactly 183 days are enough', () =>
  onOldLog(async (one, a) => {
    const before = await one.refs()
    assert.is(await codeOf(pruneOlder(a, 182.999)), 'witness/too-young')
    assert.equal([...(await one.refs())], [...before])
    assert.is(((await pruneOlder(a, 183)) as { kind: string }).kind, 'pruned')
  }))

test('nothing old, or nothing left: nothing is said', () =>
  onOldLog(async (one, a) => {
    assert.equal(await pruneOlder(a, 300), { kind: 'nothing' })
    await pruneOlder(a, 190)
    const before = await one.refs()
    assert.equal(await pruneOlder(a, 190), { kind: 'nothing' })
    assert.equal([...(await one.refs())], [...before])
  }))

test('folds go on from the newest checkpoint, and a later prune goes on with the list of the first', () =>
  onOldLog(async (one, a, b) => {
    await pruneOlder(a, 190)
    await claim(a, s1, 'T3')
    await settle(a, s1)
    await done(a, s1)
    await settle(a, s1)
    await assertHolds([a, b])
    one.clock.advance(100 * DAY_MS)
    assert.equal(await pruneOlder(b, 190, s2), { kind: 'pruned', throughFold: 3, events: 2, folds: 1 })
    await assertHolds([a, b])
    const [, , third, fourth] = await sealedNotes(a)
    assert.equal(third, [])
    assert.equal(fourth, ['session-1#3 pruned', 'session-1#4 claim'])
  }))

test('a note that is not what was sealed is not pruned', () =>
  onOldLog(async (one, a) => {
    const tip = (await notesRef(one)) as ObjectId
    const { tree, message, parents } = await readCommit(a.box.objects, tip)
    const [first] = await notesOf(a)
    const { board } = (first as NonNullable<typeof first>).checkpoint
    const changed = await changeTree(
      a.box.objects,
      tree,
      new Map([[`${board.slice(0, 2)}/${board.slice(2)}`, 'nothing\n']]),
    )
    const commit = encodeCommit({
      ...{ tree: changed.tree, parents, message, name: 'x', email: 'x@example.invalid', seconds: 1 },
    })
    const written = await a.box.objects.write([...changed.objects, commit])
    await one.force(layout.notes, written.at(-1))
    assert.is(await codeOf(pruneOlder(a, 190)), 'witness/not-as-sealed')
    assert.is(await notesRef(one), written.at(-1))
  }))

test('of a prune and a fold at once the slower one reads again, and neither is lost', () =>
  onOldLog(async (_one, a, b) => {
    await claim(b, s2, 'T3')
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      await fold(b.box, s2)
      return undefined
    }
    assert.is((await pruneOlder(a, 190)).kind, 'pruned')
    assert.equal((await sealedNotes(a)).at(-1), ['session-2#3 claim'])
    await assertHolds([a, b])
  }))

test('a server that lets refs only grow is named, and nothing was said', () =>
  onOldLog(async (_one, a, b) => {
    a.traffic.beforePush = async () => ({ kind: 'refused', reason: 'non-fast-forward' })
    assert.is(await codeOf(pruneOlder(a, 190)), 'authority/refused')
    a.traffic.beforePush = undefined
    await assertHolds([a, b])
    assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 2)
  }))

test('a key that came with a joining that was pruned is no stranger afterwards', () =>
  onOldLog(async (one, a, b) => {
    const other: Clone = { ...a, box: { ...a.box, keys: seededKeyRing('another machine') } }
    await say(other.box, await read(other.box), { session: s1, type: 'joined', data: {} })
    await fold(b.box, s2)
    one.clock.advance(100 * DAY_MS)
    await claim(other, s1, 'T3')
    await fold(b.box, s2)
    one.clock.advance(150 * DAY_MS)
    await assertHolds([a, b])
    await pruneOlder(b, 200, s2)
    await assertHolds([a, b])
  }))

test('log, show, cost and export show what is left, and how much was pruned', () =>
  onOldLog(async (_one, a) => {
    await openLog(a.box)
    await pruneOlder(a, 190)
    const book = await openLog(a.box)
    assert.equal(prunedPart(book.folds), { throughFold: 2, events: 2 })
    assert.equal(
      book.folds.map(({ fold: number }) => number),
      [1, 2, 3],
    )
    assert.ok((await lastEntries(book, {}, 0)).total > 0)
    const { parts } = await taskStory(book, 'T2')
    assert.is(parts.filter(({ kind }) => kind === 'grant').length, 1)
    assert.is((await taskStory(book, 'T1')).parts.filter(({ kind }) => kind === 'grant').length, 0)
    await costs(book, { by: 'session' })
    for await (const _entry of exportEntries(book, { unsealed: true })) assert.ok(true)
    assert.equal(
      (await openLog({ ...a.box, memory: { ...a.box.memory, read: async () => undefined } })).folds,
      book.folds,
    )
  }))

test('a bundle of a pruned log verifies offline', () =>
  onOldLog(async (_one, a) => {
    await pruneOlder(a, 190)
    const bundle = await witnessBundle(a.box, [])
    assert.is(bundle.folds, 3)
    const read = await readBundle(bundle.lines(), { anchors: [], operators: [] })
    if (read.kind === 'refused') throw new Error(read.reason)
    const { sha256, sha256Bytes, objects } = a.box
    const tools = { sha256, sha256Bytes, objectHash: objects.hash, verify: verifyEd25519, sshCrypto: nodeSshCrypto }
    const verdict = await verifyLog(read.facts, 'full', tools)
    assert.equal(codesOf(verdict), [])
    assert.ok(verdict.findings.some(({ code }) => code === 'witness/pruned'))
  }))

test('sync --restore brings back what was not pruned, and counts the folds that were', () =>
  onOldLog(async (one, a) => {
    const { parents } = await readCommit(a.box.objects, await one.head())
    let first = parents[0] as ObjectId
    for (let parent: ObjectId | undefined = first; parent !== undefined; ) {
      first = parent
      parent = (await readCommit(a.box.objects, parent)).parents[0]
    }
    await pruneOlder(a, 190)
    await one.force(layout.board, first)
    const outcome = await restoreRewound(a.box, s1)
    assert.is(outcome.kind, 'restored')
    assert.equal(outcome.kind === 'restored' && [outcome.tasks, outcome.prunedFolds], [['TASK-BOARD.md:T2'], 2])
  }))

test.run()
