import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  drain,
  type FoldRequest,
  GIT_ALONE,
  type GitTask,
  goFast,
  goUp,
  judgeFold,
  mayArm,
  projectorPace,
  withManifest,
} from '../../src/fast/index.ts'
import { type TaskKey, toSessionName } from '../../src/model/index.ts'
import type { FastDone, FastHeld, FastListing } from '../../src/ports/index.ts'
import { seeded } from '../support/claims.ts'

const session = toSessionName('s1')
const key = (id: string) => `TASK-BOARD.md:${id}` as TaskKey
const etcd = goFast(withManifest(goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000 }), []))
const open: GitTask = { settled: false, ready: true, completedBy: undefined, about: 'a task' }
const settled: GitTask = { ...open, settled: true, ready: false }

const done = (id: string, revision = 5): FastDone => {
  const token = { epoch: 1, revision, nonce: `n${revision}` }
  return { task: key(id), session, token, event: '{}', revision: revision + 1 }
}
const held = (id: string): FastHeld => ({ task: key(id), claim: { session, nonce: 'n', event: '{}' }, revision: 4 })

interface Facts {
  readonly done?: readonly FastDone[]
  readonly held?: readonly FastHeld[]
  readonly ready?: readonly string[]
  readonly tasks?: Record<string, GitTask>
  readonly listing?: Partial<FastListing>
}

function request(facts: Facts = {}, rest: Partial<FoldRequest> = {}): FoldRequest {
  const listing: FastListing = {
    revision: 20,
    epochNonce: 'ab',
    ready: new Map((facts.ready ?? []).map((id) => [key(id), ''])),
    claims: new Map((facts.held ?? []).map((one) => [one.task, one])),
    done: new Map((facts.done ?? []).map((one) => [one.task, one])),
    projector: undefined,
    armed: undefined,
    unreadable: 0,
    ...facts.listing,
  }
  const tasks = new Map(Object.entries(facts.tasks ?? {}).map(([id, task]) => [key(id), task]))
  return { mode: etcd, listing, state: { closed: 0, folded: undefined }, tasks, ...rest }
}

function fold(facts: Facts, rest: Partial<FoldRequest> = {}) {
  const judged = judgeFold(request(facts, rest))
  if (judged.kind !== 'fold') throw new Error(judged.kind)
  return judged
}

test('a completion of an open task is accepted, and its key goes when the fold has landed', () => {
  const plan = fold({ done: [done('A')], tasks: { A: open } })
  assert.equal(plan.accept, [done('A')])
  assert.equal(plan.settle, [{ kind: 'folded', task: key('A'), revision: 6 }])
  assert.equal(plan.state, { closed: 0, folded: { epoch: 1, revision: 20 } })
})

test('a completion is refused when its task is settled, was completed under this very token, or is no task', () => {
  const again = { ...open, completedBy: done('B').token }
  const plan = fold({ done: [done('A'), done('B'), done('C')], tasks: { A: settled, B: again } })
  assert.equal(plan.accept, [])
  assert.equal(
    plan.refuse.map(({ why }) => why),
    ['already-settled', 'accepted-before', 'unknown-task'],
  )
  assert.is(plan.settle.length, 3, 'their keys go all the same')
})

test('a task that was reopened is completed again under a new token', () => {
  const reopened = { ...open, completedBy: done('A', 5).token }
  assert.is(fold({ done: [done('A', 9)], tasks: { A: reopened } }).accept.length, 1)
})

test('what became ready is offered, what may not be claimed any more is withdrawn, what is held stays', () => {
  const tasks = { A: open, B: settled, C: { ...open, ready: false }, D: open, E: settled }
  const plan = fold({ ready: ['B', 'D', 'E', 'gone'], held: [held('E')], tasks })
  assert.equal(plan.settle, [
    { kind: 'offer', task: key('A'), about: 'a task' },
    { kind: 'withdraw', task: key('B') },
    { kind: 'withdraw', task: key('gone') },
  ])
})

test('claims are shown on the board, those of settled or unknown tasks are not', () => {
  const plan = fold({ held: [held('A'), held('B'), held('C')], tasks: { A: open, B: settled } })
  assert.equal(plan.claimed, [held('A')])
})

test('nothing is accepted from an epoch that was closed, or while git decides', () => {
  const facts = { done: [done('A')], tasks: { A: open } }
  assert.is(judgeFold(request(facts, { state: { closed: 1, folded: undefined } })).kind, 'closed')
  assert.is(judgeFold(request(facts, { mode: GIT_ALONE })).kind, 'closed')
  assert.is(judgeFold(request(facts, { mode: drain(etcd), state: { closed: 1, folded: undefined } })).kind, 'closed')
})

test('while draining, until the epoch is closed, completions are accepted', () => {
  assert.is(fold({ done: [done('A')], tasks: { A: open } }, { mode: drain(etcd) }).accept.length, 1)
})

test('a server without the epoch key was wiped, one that counts back was restored', () => {
  assert.is(judgeFold(request({ listing: { epochNonce: undefined } })).kind, 'wiped')
  assert.is(judgeFold(request({ listing: { epochNonce: 'cd' } })).kind, 'wiped')
  const folded = { closed: 0, folded: { epoch: 1, revision: 21 } }
  assert.is(judgeFold(request({}, { state: folded })).kind, 'restored')
  assert.is(judgeFold(request({}, { state: { ...folded, folded: { epoch: 0, revision: 99 } } })).kind, 'fold')
})

test('a projector arms when it saw another arm on its link, or after everybody of the life before has stopped', () => {
  const since = { wallMs: 0, monotonicMs: 0, bootId: 'a' }
  const later = (ms: number) => ({ wallMs: ms, monotonicMs: ms, bootId: 'a' })
  assert.ok(mayArm({ trusted: true, since }, etcd, later(1)))
  assert.not(mayArm({ trusted: false, since }, etcd, later(15_749)))
  assert.ok(mayArm({ trusted: false, since }, etcd, later(15_750)))
})

test('a fold is due 2 s after the last one when something changed, at once with 500 changes, and 3 misses disarm', () => {
  const folded = { wallMs: 0, monotonicMs: 0, bootId: 'a' }
  const later = (ms: number) => ({ wallMs: ms, monotonicMs: ms, bootId: 'a' })
  assert.is(projectorPace({ changes: 0, folded, missed: 0 }, later(9999)), 'wait')
  assert.is(projectorPace({ changes: 1, folded, missed: 2 }, later(1999)), 'wait')
  assert.is(projectorPace({ changes: 1, folded, missed: 2 }, later(2000)), 'fold')
  assert.is(projectorPace({ changes: 500, folded, missed: 0 }, later(1)), 'fold')
  assert.is(projectorPace({ changes: 500, folded, missed: 3 }, later(2000)), 'disarm')
})

test('whatever is listed, each completion is judged once, and none is accepted for a settled task', () => {
  const ids = ['A', 'B', 'C', 'D']
  const states = fc.constantFrom(open, settled, { ...open, ready: false }, { ...open, completedBy: done('x').token })
  fc.assert(
    fc.property(
      fc.subarray(ids),
      fc.subarray(ids),
      fc.dictionary(fc.constantFrom(...ids), states),
      (ready, ends, tasks) => {
        const plan = fold({ ready, done: ends.map((id) => done(id)), tasks })
        assert.is(plan.accept.length + plan.refuse.length, ends.length)
        for (const { task } of plan.accept) assert.is(tasks[task.slice('TASK-BOARD.md:'.length)]?.settled, false)
        const touched = plan.settle.map(({ task }) => task)
        assert.is(new Set(touched).size, touched.length)
      },
    ),
    seeded,
  )
})

test.run()
