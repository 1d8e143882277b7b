import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { countsInGit } from '../../src/claim/index.ts'
import {
  backToGit,
  confirmsGrant,
  drain,
  fastEpoch,
  GIT_ALONE,
  giveUp,
  goFast,
  goUp,
  type ModeRecord,
  parseMode,
  renderMode,
  withManifest,
} from '../../src/fast/index.ts'
import { type TaskKey, toSessionName } from '../../src/model/index.ts'
import { oid, seeded } from '../support/claims.ts'

const carried = { task: 'TASK-BOARD.md:P0.1' as TaskKey, session: toSessionName('s1'), claim: oid('a') }
const up = goUp(GIT_ALONE, { nonce: 'ab'.repeat(16), leaseMs: 15_000 })
const fast = goFast(withManifest(up, [carried]))

test('a whole turn counts the epoch up and ends with what was registered while draining', () => {
  assert.equal([up.mode, up.epoch, up.since], ['switching', 1, 0])
  assert.equal([fast.mode, fast.epoch, fast.manifest], ['etcd', 1, [carried]])
  const draining = drain(fast)
  assert.equal([draining.mode, draining.epoch, fastEpoch(draining), fastEpoch(fast)], ['draining', 2, 1, 1])
  const back = backToGit(draining)
  assert.equal([back.mode, back.epoch, back.since, back.manifest], ['git', 3, 2, undefined])
})

test('a switch that was given up leaves what counted, carried or not', () => {
  const back = giveUp(withManifest(up, [carried]))
  assert.equal([back.mode, back.epoch, back.since], ['git', 2, 0])
  assert.ok(countsInGit(back, { kind: 'granted', modeEpoch: 0 }))
})

test('after etcd decided, a grant of before does not count, and a completion always does', () => {
  const back = backToGit(drain(fast))
  assert.not(countsInGit(back, { kind: 'granted', modeEpoch: 1 }))
  assert.ok(countsInGit(back, { kind: 'granted', modeEpoch: 2 }), 'registered while draining')
  assert.ok(countsInGit(back, { kind: 'completed', modeEpoch: 0 }))
})

test('a grant is confirmed by git alone, in the epoch in which it was asked for', () => {
  assert.ok(confirmsGrant(GIT_ALONE, 0))
  assert.not(confirmsGrant(up, 1))
  assert.not(confirmsGrant(giveUp(up), 0))
})

test('a step out of order is a bug of ours', () => {
  assert.throws(() => drain(GIT_ALONE), /the mode is git, not etcd/)
  assert.throws(() => goFast(up), /after the manifest/)
  assert.throws(() => withManifest(withManifest(up, []), []), /written once/)
})

test('what is rendered is read again, in every mode', () => {
  const records: ModeRecord[] = [
    GIT_ALONE,
    up,
    withManifest(up, []),
    fast,
    drain(fast),
    backToGit(drain(fast)),
    giveUp(up),
    goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000, by: 'contention' }),
    drain(fast, 'quiet'),
  ]
  for (const record of records) assert.equal(parseMode(renderMode(record)), record)
})

test('why a change was begun is said until the next one, and never inherited', () => {
  const began = goFast(withManifest(goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000, by: 'contention' }), []))
  assert.is(began.by, 'contention')
  assert.is(backToGit(drain(began, 'person')).by, 'person')
  assert.is(drain(began).by, undefined)
  assert.is(giveUp(goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000, by: 'contention' }), 'trouble').by, 'trouble')
})

test('a cause that this version does not know is left out, and the record stands', () => {
  assert.equal(parseMode(JSON.stringify({ ...fast, by: 'the moon' })), fast)
})

const hostile: readonly (readonly [string, unknown])[] = [
  ['no object', []],
  ['another mode', { ...fast, mode: 'both' }],
  ['half an epoch', { ...fast, epoch: 0.5 }],
  ['an epoch beyond counting', { ...fast, epoch: 2 ** 60 }],
  ['claims of the future', { ...fast, since: 2 }],
  ['a nonce of other letters', { ...fast, nonce: '/../' }],
  ['no lease', { ...fast, leaseMs: 0 }],
  ['a lease without end', { ...fast, leaseMs: 1e12 }],
  ['a lease that etcd cannot have', { ...fast, leaseMs: 1500 }],
  ['a manifest that is none', { ...fast, manifest: {} }],
  ['one carried claim without a session', { ...fast, manifest: [carried, { ...carried, session: '' }] }],
  ['one task carried twice', { ...fast, manifest: [carried, carried] }],
  ['a task outside its board', { ...fast, manifest: [{ ...carried, task: '../x.md:P0.1' }] }],
  ['one carried claim of no commit', { ...fast, manifest: [{ ...carried, claim: 'HEAD' }] }],
]
for (const [what, value] of hostile)
  test(`a record with ${what} is not understood`, () => assert.is(parseMode(JSON.stringify(value)), undefined))

test('no text makes the reader throw, and what it understands it renders and reads again', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        mode: fc.constantFrom('git', 'switching', 'etcd', 'draining', 'x'),
        epoch: fc.oneof(fc.nat(9), fc.double()),
        since: fc.nat(9),
        nonce: fc.constantFrom('', 'ab', 'zz'),
        leaseMs: fc.constantFrom(1000, 15_000, 1500, -1),
        manifest: fc.oneof(
          fc.constant(undefined),
          fc.array(fc.constantFrom(carried, {}, null, { ...carried, task: 'x' })),
        ),
      })
      .map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const record = parseMode(text)
      if (record !== undefined) assert.equal(parseMode(renderMode(record)), record)
    }),
    seeded,
  )
})

test.run()
