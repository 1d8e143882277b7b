/** Of which times the log says that etcd decided. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EpochMs, EventData, SessionName, SignedEvent } from '../../../src/model/index.ts'
import { formatTime } from '../../../src/witness/index.ts'
import { EtcdTimes } from '../../../src/witness/verify/etcd-times.ts'
import { claim, release, settle } from '../../support/acts.ts'
import { boardOf, type Clone, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

const test = suite('times of etcd')
const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const MINUTE_MS = 60_000
const SKEW_MS = 10 * MINUTE_MS

const said = (minute: number, data: Partial<EventData>) =>
  ({ time: formatTime((minute * MINUTE_MS) as EpochMs), data }) as SignedEvent
const change = (minute: number, from: string, to: string, epoch: number) => said(minute, { mode: { from, to, epoch } })

/** Up at minute 100, back at minute 200. */
const TURN = [
  change(99, 'git', 'switching', 1),
  change(100, 'switching', 'etcd', 1),
  change(199, 'etcd', 'draining', 2),
  change(200, 'draining', 'git', 3),
]

function times(events: readonly SignedEvent[], { isCut = false } = {}): EtcdTimes {
  const heard = new EtcdTimes()
  if (isCut) heard.skip()
  for (const event of events) heard.hear(event)
  return heard
}

const covered = (heard: EtcdTimes, minutes: readonly number[]) =>
  minutes.filter((minute) => heard.cover(minute * MINUTE_MS, SKEW_MS))

test('a log that tells of no change covers no time', () => {
  assert.equal(covered(times([said(1, { modeEpoch: 1 })]), [0, 1, 500]), [])
})

test('covered is what lies between the way up and git again, within what clocks may differ', () => {
  const minutes = [89, 90, 150, 210, 211]
  assert.equal(covered(times(TURN), minutes), [90, 150, 210])
  assert.equal(covered(times([...TURN].reverse()), minutes), [90, 150, 210], 'in the order of sessions in one fold')
  assert.equal(covered(times(TURN.slice(0, 3)), minutes), [90, 150, 210, 211], 'not over yet')
  assert.equal(covered(times(TURN.slice(0, 1)), minutes), [], 'not begun yet')
})

test('a way up that was given up covers nothing, and each later turn covers its own time', () => {
  assert.equal(covered(times([change(99, 'git', 'switching', 1), change(100, 'switching', 'git', 2)]), [99, 100]), [])
  const second = [change(400, 'switching', 'etcd', 4), change(500, 'etcd', 'draining', 5)]
  assert.equal(covered(times([...TURN, ...second]), [150, 300, 450]), [150, 450])
})

test('a way down whose beginning the log does not have is believed behind a prune alone', () => {
  const ended = TURN.slice(2)
  assert.equal(covered(times(ended), [50, 150, 300]), [])
  assert.equal(covered(times(ended, { isCut: true }), [50, 150, 300]), [50, 150])
  assert.equal(covered(times(ended.slice(1), { isCut: true }), [50, 150, 300]), [50, 150])
})

test('behind a prune, while nothing tells who decides, claims of a later epoch leave it open; claims of git do not', () => {
  const isCut = true
  assert.equal(covered(times([said(1, { modeEpoch: 0 }), said(2, {})], { isCut }), [3]), [])
  assert.equal(covered(times([said(1, { modeEpoch: 1 })], { isCut }), [3]), [3])
  const switched = [said(1, { modeEpoch: 1 }), change(300, 'git', 'switching', 4)]
  assert.equal(covered(times(switched, { isCut }), [3]), [])
})

test('where git alone decides, an event dated long before the fold that did not have it is found as ever', () =>
  on(boardOf(['T1'], ['T2']), async (_fleet, a, b) => {
    const dated = (minutes: number): Clone => {
      const { box } = a as Clone
      const now = () => {
        const { wallMs, ...rest } = box.clock.now()
        return { ...rest, wallMs: (wallMs + minutes * MINUTE_MS) as EpochMs }
      }
      return { ...(a as Clone), box: { ...box, clock: { ...box.clock, now } } }
    }
    assert.is(await claim(dated(0), s1, 'T1'), 'granted T1')
    await settle(dated(0), s3)
    assert.is(await claim(dated(20), s2, 'T2'), 'granted T2')
    await settle(dated(20), s3)
    assert.is(await release(dated(5), s1), 'released T1')
    await settle(dated(21), s3)
    assert.equal(codesOf(await verifyAfresh({ clones: [a as Clone, b as Clone] }, 'full')), ['witness/time-impossible'])
  }))

test.run()
