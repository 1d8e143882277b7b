import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  drain,
  GIT_ALONE,
  type GitClaim,
  type GitTask,
  goFast,
  goUp,
  nextSwitchStep,
  type SwitchView,
  withManifest,
} from '../../src/fast/index.ts'
import { type TaskKey, toSessionName } from '../../src/model/index.ts'
import { oid } from '../support/claims.ts'

const start = { wallMs: 0, monotonicMs: 0, bootId: 'a' }
const at = (ms: number) => ({ wallMs: ms, monotonicMs: ms, bootId: 'a' })
const session = toSessionName('s1')
const key = (id: string) => `TASK-BOARD.md:${id}` as TaskKey
const up = { to: 'etcd', nonce: 'ab', leaseMs: 15_000 } as const
const down = { ...up, to: 'git' } as const
const open: GitTask = { settled: false, ready: true, completedBy: undefined, about: 'about' }

const switching = goUp(GIT_ALONE, up)
const claim = (id: string, kind: GitClaim['kind'], modeEpoch: number): GitClaim => {
  return { kind, key: key(id), session, oid: oid(String(modeEpoch)), modeEpoch, leaseMs: 1_800_000 }
}
const view = (facts: Partial<SwitchView>): SwitchView => ({
  mode: switching,
  modeSeen: { value: oid('a'), ...start },
  claims: [],
  tasks: new Map(),
  state: { closed: 0, folded: undefined },
  space: 'not-opened',
  ...facts,
})

test('who is where it wants to be has arrived', () => {
  assert.equal(nextSwitchStep(view({ mode: GIT_ALONE }), down, start), { kind: 'arrived' })
  const etcd = goFast(withManifest(switching, []))
  assert.equal(nextSwitchStep(view({ mode: etcd }), up, start), { kind: 'arrived' })
})

test('first every grant that counts is carried, whatever is done, given back or carried already', () => {
  const claims = [
    claim('A', 'granted', 0),
    claim('B', 'completed', 0),
    claim('C', 'returned', 0),
    claim('D', 'carried', 1),
  ]
  const step = nextSwitchStep(view({ claims }), up, start)
  assert.equal(step, { kind: 'carry', claims: [claims[0]], epoch: 1 })
})

test('what a switch carried that was given up is carried again', () => {
  const mode = { ...switching, epoch: 3 }
  assert.is(nextSwitchStep(view({ mode, claims: [claim('A', 'carried', 1)] }), up, start).kind, 'carry')
})

test('a grant of an epoch that does not count any more is left where it is', () => {
  const mode = { ...switching, epoch: 4, since: 2 }
  const step = nextSwitchStep(view({ mode, claims: [claim('A', 'granted', 1)] }), up, start)
  assert.equal(step.kind === 'move-mode' && step.to.manifest, [])
})

test('then the manifest names what is carried, once', () => {
  const step = nextSwitchStep(view({ claims: [claim('D', 'carried', 1)] }), up, start)
  assert.equal(step.kind === 'move-mode' && step.to.manifest, [{ task: key('D'), session, claim: oid('1') }])
})

test('then etcd is filled with what is open, and with the carried claims of tasks that still are', () => {
  const manifest = ['A', 'B'].map((id) => ({ task: key(id), session, claim: oid('1') }))
  const tasks = new Map([
    [key('A'), { ...open, ready: false }],
    [key('B'), { ...open, settled: true }],
    [key('C'), open],
    [key('D'), { ...open, ready: false }],
  ])
  const step = nextSwitchStep(view({ mode: withManifest(switching, manifest), tasks }), up, start)
  const filled = step.kind === 'fill' ? step.entries.map(({ kind, task }) => `${kind} ${task.split(':')[1]}`) : []
  assert.equal(filled, ['ready A', 'ready C', 'claim A'])
})

test('a carried claim has the lease that it has in git, and never less than the mode', () => {
  const lasting = (leaseMs: number) => {
    const carried = { ...claim('A', 'carried', 1), leaseMs }
    const mode = withManifest(switching, [{ task: key('A'), session, claim: carried.oid }])
    const step = nextSwitchStep(view({ mode, claims: [carried], tasks: new Map([[key('A'), open]]) }), up, start)
    return step.kind === 'fill' ? step.entries.flatMap((one) => (one.kind === 'claim' ? [one.leaseSeconds] : [])) : []
  }
  assert.equal(lasting(1_800_000), [1800])
  assert.equal(lasting(2000), [15])
})

test('then, when the epoch key is there, the mode is moved; while etcd does not answer, nothing is', () => {
  const mode = withManifest(switching, [])
  assert.equal(nextSwitchStep(view({ mode, space: 'opened' }), up, start), { kind: 'move-mode', to: goFast(mode) })
  assert.equal(nextSwitchStep(view({ mode, space: 'unreached' }), up, start), { kind: 'wait', ms: 5000 })
})

test('whoever wants git again gives a switch up, at any of its steps', () => {
  for (const mode of [switching, withManifest(switching, [])]) {
    const step = nextSwitchStep(view({ mode }), down, start)
    assert.equal(step.kind === 'move-mode' && [step.to.mode, step.to.epoch, step.to.since], ['git', 2, 0])
  }
})

test('draining waits out its grace, closes the epoch, and only then opens git, whatever anybody wishes', () => {
  const mode = drain(goFast(withManifest(switching, [])))
  for (const wish of [up, down]) {
    assert.equal(nextSwitchStep(view({ mode }), wish, at(15_000)), { kind: 'wait', ms: 750 })
    assert.equal(nextSwitchStep(view({ mode }), wish, at(15_750)), { kind: 'close', epoch: 1 })
    const closed = view({ mode, state: { closed: 1, folded: undefined } })
    const step = nextSwitchStep(closed, wish, at(15_750))
    assert.equal(step.kind === 'move-mode' && [step.to.mode, step.to.epoch, step.to.since], ['git', 3, 2])
  }
})

test.run()
