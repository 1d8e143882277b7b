import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Moment, observe, type SeenLedger } from '../../src/claim/index.ts'
import {
  backToGit,
  type ClaimCount,
  type ClaimSample,
  type Contention,
  claimsPerMinute,
  contentionOf,
  drain,
  type Escalation,
  type EscalationFacts,
  GIT_ALONE,
  giveUp,
  goFast,
  goUp,
  judgeEscalation,
  type ModeCause,
  type ModeRecord,
  NO_TROUBLE,
  noteCount,
  noteTrouble,
  PERSON_MS,
  type Troubles,
  troublePauseMs,
  troublesNow,
  withManifest,
} from '../../src/fast/index.ts'
import { type ObjectId, type RefName, ESCALATION_DEFAULTS as RULES } from '../../src/model/index.ts'

const MINUTE = 60_000
const LEAST_MS = RULES.leastMinutes * MINUTE
const seed = { seed: Number(process.env.IF_BOARD_SEED ?? 1) }

const at = (ms: number, bootId = 'boot-1'): Moment => ({ wallMs: 1_000_000 + ms, monotonicMs: ms, bootId })
const CALM: Contention = { claims: 40, lostPercent: 5, medianWaitMs: 500, p90WaitMs: 900 }
const CROWDED: Contention = { claims: 40, lostPercent: 70, medianWaitMs: 4000, p90WaitMs: 9000 }

function upFrom(record: ModeRecord, by: ModeCause): ModeRecord {
  return goFast(withManifest(goUp(record, { nonce: 'ab', leaseMs: 15_000, by }), []))
}
const downFrom = (record: ModeRecord, by?: ModeCause) => backToGit(drain(record, by))

function facts(more: Partial<EscalationFacts>): EscalationFacts {
  return {
    rules: RULES,
    mode: GIT_ALONE,
    modeSeen: undefined,
    contention: CROWDED,
    claimsPerMinute: undefined,
    doneWhen: 'reported',
    knowsEtcd: true,
    troubles: NO_TROUBLE,
    ...more,
  }
}

const words = (judged: Escalation) =>
  judged.kind === 'switch' ? `to ${judged.to} by ${judged.by}` : `${judged.kind}: ${judged.why}`
const judge = (more: Partial<EscalationFacts>, ms = 0) => words(judgeEscalation(facts(more), at(ms)))

test('claims go to etcd where many pushes are lost, or where claims take long, and enough of them say so', () => {
  assert.is(judge({}), 'to etcd by contention')
  assert.is(judge({ contention: { ...CALM, lostPercent: 50.1 } }), 'to etcd by contention')
  assert.is(judge({ contention: { ...CALM, p90WaitMs: 5001 } }), 'to etcd by contention')
  assert.is(judge({ contention: { ...CALM, lostPercent: 50, p90WaitMs: 5000 } }), 'stay: claims-are-quick')
  assert.is(judge({ contention: { ...CROWDED, claims: 9 } }), 'stay: too-few-claims')
})

test('claims go back to git where few were asked for in the whole window', () => {
  const mode = upFrom(GIT_ALONE, 'contention')
  const later = { mode, modeSeen: at(0) }
  assert.is(judge({ ...later, claimsPerMinute: 0.9 }, LEAST_MS), 'to git by quiet')
  assert.is(judge({ ...later, claimsPerMinute: 1 }, LEAST_MS), 'stay: etcd-is-used')
  assert.is(judge({ ...later, claimsPerMinute: undefined }, LEAST_MS), 'stay: rate-not-known')
})

test('nothing is begun while who decides is being changed', () => {
  const switching = goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000, by: 'contention' })
  assert.is(judge({ mode: switching }), 'stay: changing')
  assert.is(judge({ mode: drain(upFrom(GIT_ALONE, 'person'), 'person') }), 'stay: changing')
})

test('a person’s word stands for a day, counted from when this clone saw it', () => {
  const down = { mode: downFrom(upFrom(GIT_ALONE, 'contention'), 'person'), modeSeen: at(0) }
  assert.is(judge(down, PERSON_MS - 1), 'held: person')
  assert.is(judge(down, PERSON_MS), 'to etcd by contention')
  const up = { mode: upFrom(GIT_ALONE, 'person'), modeSeen: at(0), claimsPerMinute: 0 }
  assert.is(judge(up, PERSON_MS - 1), 'held: person')
  assert.is(judge(up, PERSON_MS), 'to git by quiet')
})

test('a record that does not say why it was written is taken for a person’s word', () => {
  const { by: _, ...unsaid } = downFrom(upFrom(GIT_ALONE, 'contention'), 'quiet')
  assert.is(judge({ mode: unsaid, modeSeen: at(0) }, LEAST_MS), 'held: person')
})

test('who decides stays who it is for the least time', () => {
  const back = { mode: downFrom(upFrom(GIT_ALONE, 'contention'), 'quiet'), modeSeen: at(0) }
  assert.is(judge(back, LEAST_MS - 1), 'held: least-time')
  assert.is(judge(back, LEAST_MS), 'to etcd by contention')
})

test('a jump of the wall clock makes nobody change earlier', () => {
  const mode = downFrom(upFrom(GIT_ALONE, 'contention'), 'quiet')
  const judged = judgeEscalation(facts({ mode, modeSeen: at(0) }), { ...at(1000), wallMs: 1_000_000 + 10 * PERSON_MS })
  assert.is(words(judged), 'held: least-time')
})

test('boards with reviews stay in git, and so do those whose watcher knows no etcd', () => {
  assert.is(judge({ doneWhen: 'merged' }), 'held: merged')
  assert.is(judge({ knowsEtcd: false }), 'held: no-endpoint')
})

test('each trouble in a row doubles the pause, up to a day; etcd that lasts forgets them', () => {
  let troubles: Troubles = NO_TROUBLE
  const pauses = Array.from({ length: 8 }, () => {
    troubles = noteTrouble(troubles, { epoch: 0, at: at(0), reason: 'it was slow' })
    return troublePauseMs(troubles, RULES) / MINUTE
  })
  assert.equal(pauses, [60, 120, 240, 480, 960, 1440, 1440, 1440])
  const once = noteTrouble(NO_TROUBLE, { epoch: 0, at: at(0), reason: 'it was slow' })
  assert.is(judge({ troubles: once }, 60 * MINUTE - 1), 'held: trouble')
  assert.is(judge({ troubles: once }, 60 * MINUTE), 'to etcd by contention')
  const inEtcd = { mode: upFrom(GIT_ALONE, 'contention'), modeSeen: at(0), rules: RULES }
  assert.equal(troublesNow(once, inEtcd, at(LEAST_MS - 1)), once)
  assert.equal(troublesNow(once, inEtcd, at(LEAST_MS)), NO_TROUBLE)
})

test('a way up that anybody gave up counts once, for everybody who sees its record', () => {
  const mode = giveUp(goUp(GIT_ALONE, { nonce: 'ab', leaseMs: 15_000, by: 'contention' }), 'trouble')
  const seen = { mode, modeSeen: at(5), rules: RULES }
  const once = troublesNow(NO_TROUBLE, seen, at(9))
  assert.equal([once.count, once.last?.epoch, once.last?.at], [1, 2, at(5)])
  assert.equal(troublesNow(once, seen, at(100)), once)
})

test('after a reboot a pause begins anew', () => {
  const once = noteTrouble(NO_TROUBLE, { epoch: 0, at: at(50), reason: 'it was slow' })
  const { last, count } = troublesNow(once, { mode: GIT_ALONE, modeSeen: undefined, rules: RULES }, at(7, 'boot-2'))
  assert.equal([count, last?.at], [1, at(7, 'boot-2')])
})

const sample = (ms: number, waitMs: number, [pushes, lost]: readonly [number, number], epoch = 0): ClaimSample => ({
  at: at(ms),
  epoch,
  waitMs,
  pushes,
  lost,
})

test('what was felt is counted by pushes and by the nearest rank, within the window and the epoch', () => {
  const waits = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]
  const samples = waits.map((ms, index) => sample(1000 + index, ms, [2, 1]))
  const old = sample(0, 99_000, [9, 9])
  const other = sample(1005, 99_000, [9, 9], 2)
  const rebooted = { ...old, at: at(1005, 'boot-0') }
  const now = at(1001 + 5 * MINUTE - 1)
  assert.equal(contentionOf([old, other, rebooted, ...samples], { epoch: 0, windowMs: 5 * MINUTE }, now), {
    claims: 10,
    lostPercent: 50,
    medianWaitMs: 500,
    p90WaitMs: 900,
  })
  assert.is(contentionOf([old], { epoch: 0, windowMs: MINUTE }, now).claims, 0)
})

test('a rate is known when the whole window was watched, and not over a gap', () => {
  const window = 30 * MINUTE
  let readings: readonly ClaimCount[] = []
  for (let minute = 0; minute < 30; minute += 1) {
    assert.is(claimsPerMinute(readings, { at: at(minute * MINUTE), claims: minute }, window), undefined)
    readings = noteCount(readings, { at: at(minute * MINUTE), claims: minute }, window)
  }
  assert.is(claimsPerMinute(readings, { at: at(30 * MINUTE), claims: 30 }, window), 1)
  assert.ok(readings.length <= 22, `${readings.length} readings`)
  assert.equal(noteCount(readings, { at: at(0, 'boot-2'), claims: 1 }, window).length, 1)
})

const contentions = fc.record({
  claims: fc.nat(200),
  lostPercent: fc.nat(100),
  medianWaitMs: fc.nat(20_000),
  p90WaitMs: fc.nat(20_000),
})
const moments = fc.array(
  fc.record({
    ms: fc.nat(20 * MINUTE),
    /** What the wall clock jumps by, forth or back. */
    jumpMs: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -PERSON_MS, max: PERSON_MS }) },
    ),
    contention: contentions,
    rate: fc.option(fc.float({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
    fails: fc.boolean(),
  }),
  { minLength: 50, maxLength: 200 },
)
interface Step {
  readonly ms: number
  readonly jumpMs: number
  readonly contention: Contention
  readonly rate: number | undefined
  readonly fails: boolean
}

/** A watcher that carries out what the rule says, on whatever it measures; answers when it began what, by a clock that never jumps. */
function runOf(steps: readonly Step[], rules: EscalationFacts['rules']): { ms: number; to: string }[] {
  const ref = 'refs/if-board/mode' as RefName
  let mode = GIT_ALONE
  let ledger: SeenLedger = new Map()
  let troubles: Troubles = NO_TROUBLE
  const begun: { ms: number; to: string }[] = []
  let [ms, offMs] = [0, 0]
  for (const step of steps) {
    ms += step.ms
    offMs += step.jumpMs
    const now = { ...at(ms), wallMs: 10 * PERSON_MS + ms + offMs }
    const value = String(mode.epoch).padStart(40, '0') as ObjectId
    ledger = mode === GIT_ALONE ? ledger : observe(ledger, new Map([[ref, value]]), now)
    const modeSeen = ledger.get(ref)
    if (rules !== undefined) troubles = troublesNow(troubles, { mode, modeSeen, rules }, now)
    const { contention, rate } = step
    const judged = judgeEscalation(facts({ rules, mode, modeSeen, contention, claimsPerMinute: rate, troubles }), now)
    if (judged.kind !== 'switch') continue
    begun.push({ ms, to: judged.to })
    const up = () =>
      step.fails ? giveUp(goUp(mode, { nonce: '', leaseMs: 15_000 }), 'trouble') : upFrom(mode, judged.by)
    mode = judged.to === 'etcd' ? up() : downFrom(mode, judged.by)
  }
  return begun
}

test('whatever is measured, and however clocks jump, two changes are the least time apart', () => {
  let most = 0
  fc.assert(
    fc.property(moments, (steps) => {
      const begun = runOf(steps, RULES)
      most = Math.max(most, begun.length)
      return begun.every(({ ms }, index) => index === 0 || ms - (begun[index - 1]?.ms ?? 0) >= LEAST_MS)
    }),
    seed,
  )
  assert.ok(most >= 4, `or nothing was tried: ${most} changes`)
})

test('where the rule is off nothing ever changes', () => {
  fc.assert(
    fc.property(moments, (steps) => runOf(steps, undefined).length === 0),
    seed,
  )
})

test('equal facts are judged equally, in whatever order claims were noted', () => {
  const samples = fc.array(
    fc
      .tuple(fc.nat(9 * MINUTE), fc.nat(20_000), fc.integer({ min: 1, max: 9 }), fc.nat(9))
      .map(([ms, wait, pushes, lost]) => sample(ms, wait, [pushes, Math.min(lost, pushes)])),
    { maxLength: 60 },
  )
  const shuffled = samples.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  )
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      const judged = [one, other].map((felt) => {
        const contention = contentionOf(felt, { epoch: 0, windowMs: 5 * MINUTE }, at(9 * MINUTE))
        return JSON.stringify(judgeEscalation(facts({ contention }), at(9 * MINUTE)))
      })
      return judged[0] === judged[1]
    }),
    seed,
  )
})

/** Claims a minute that are asked for, at a time in minutes: a crowd comes, stays and leaves, with some noise. */
function loadAt(minute: number, noise: number): number {
  const height = minute < 60 ? minute / 60 : minute < 240 ? 1 : Math.max(0, 1 - (minute - 240) / 60)
  return Math.max(0, 40 * height * (0.7 + 0.6 * noise))
}

/** Git gives a claim a second in vain for each that is asked for beside it: what a crowd feels grows with it. */
function feltIn(load: number): Contention {
  const lostPercent = Math.min(95, load * 2.5)
  return { claims: Math.round(load * RULES.up.minutes), lostPercent, medianWaitMs: load * 100, p90WaitMs: load * 250 }
}

test('a load that comes and goes takes claims to etcd once and back once', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 601, maxLength: 601 }), (noise) => {
      let mode = GIT_ALONE
      let modeSeen: Moment | undefined
      let readings: readonly ClaimCount[] = []
      let claims = 0
      const begun: string[] = []
      for (let minute = 0; minute <= 600; minute += 1) {
        const now = at(minute * MINUTE)
        const load = loadAt(minute, noise[minute] ?? 0)
        claims += load
        const count = { at: now, claims }
        const rate = mode.mode === 'etcd' ? claimsPerMinute(readings, count, RULES.down.minutes * MINUTE) : undefined
        readings = mode.mode === 'etcd' ? noteCount(readings, count, RULES.down.minutes * MINUTE) : []
        const judged = judgeEscalation(facts({ mode, modeSeen, contention: feltIn(load), claimsPerMinute: rate }), now)
        if (judged.kind !== 'switch') continue
        begun.push(judged.to)
        mode = judged.to === 'etcd' ? upFrom(mode, judged.by) : downFrom(mode, judged.by)
        modeSeen = now
      }
      return begun.join(' ') === 'etcd git'
    }),
    { ...seed, numRuns: 50 },
  )
})

test.run()
