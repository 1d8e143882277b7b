/**
 * Breakers of several sessions as several observers see them, against a model that steps from state to state.
 *
 * The world has what the log has: ended grants in order, some sealed, some not, and the first sights of each observer.
 * The model is told each act once, keeps states, and never looks at what was counted.
 */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { elapsedMs, type Moment, observe, type SeenLedger } from '../../src/claim/index.ts'
import { type Counted, markOf, refusedByBreaker, sessionBreaker, tripOf } from '../../src/governor/index.ts'
import {
  type ObjectId,
  type OutcomeRecord,
  type RefName,
  type SessionName,
  toSessionName,
} from '../../src/model/index.ts'
import { isFull, seeded } from '../support/claims.ts'
import { breakerRules, ended, MINUTE, MORNING } from './outcomes.ts'

const rules = breakerRules({
  consecutive: 3,
  failures: 4,
  windowMinutes: 30,
  coolDownMinutes: 10,
  microUsdPerHour: 20_000_000,
})
const SESSIONS = ['session-1', 'session-2', 'session-3'].map(toSessionName)
const OBSERVERS = 2

interface Observer {
  clock: Moment
  ledger: SeenLedger
}

class World {
  readonly sealed = SESSIONS.map((): OutcomeRecord[] => [])
  readonly unsealed = SESSIONS.map((): OutcomeRecord[] => [])
  readonly held = SESSIONS.map(() => 0)
  readonly forgiven = SESSIONS.map((): string | undefined => undefined)
  readonly observers = Array.from({ length: OBSERVERS }, (_, at): Observer => {
    return { clock: { wallMs: MORNING + at * 777, monotonicMs: at, bootId: '0' }, ledger: new Map() }
  })
  #sequence = 0

  /** A reading that is torn between log and ledger: what was sealed last is seen on its chain too. */
  account(who: number): Counted {
    const sealed = this.sealed[who] ?? []
    const forgiven = this.forgiven[who]
    return {
      outcomes: [...sealed, ...sealed.slice(-1), ...(this.unsealed[who] ?? [])],
      spent: { microUsd: 0, tokens: 0 },
      ...(forgiven === undefined ? {} : { forgiven }),
    }
  }

  ask(who: number, by: number) {
    const observer = this.observers[by] as Observer
    const account = this.account(who)
    const ref = `refs/breaker/${who}` as RefName
    const mark = tripOf(account, rules)?.mark
    const seen = new Map(mark === undefined ? [] : [[ref, mark as ObjectId]])
    const others = [...observer.ledger].filter(([other]) => other !== ref)
    observer.ledger = new Map([...others, ...observe(observer.ledger, seen, observer.clock)])
    const first = observer.ledger.get(ref)
    const seenMs = () => (first === undefined ? 0 : elapsedMs(first, observer.clock))
    const breaker = sessionBreaker({ rules, account, cap: {}, seenMs })
    return { breaker, refusal: refusedByBreaker(breaker, SESSIONS[who] as SessionName, this.held[who] ?? 0) }
  }

  end(who: number, outcome: OutcomeRecord['outcome'], facts: Pick<OutcomeRecord, 'at' | 'charged'>): void {
    this.#sequence += 1
    this.unsealed[who]?.push(ended(this.#sequence, outcome, facts))
    this.held[who] = (this.held[who] ?? 0) - 1
  }
}

/** One session's breaker as a person would keep it on paper. */
class Paper {
  isOpen = false
  held = 0
  row = 0
  failedAt: number[] = []
  charges: { readonly minute: number; readonly usd: number }[] = []
  /** When each observer heard of the opening. */
  readonly heard: (Moment | undefined)[] = Array.from({ length: OBSERVERS }, () => undefined)

  end(outcome: OutcomeRecord['outcome'], now: number, usd: number): void {
    this.held -= 1
    // By its own clock alone: who takes over or takes back has another one.
    const isOthers = outcome === 'stolen' || outcome === 'revoked'
    const minute = isOthers ? (this.charges.at(-1)?.minute ?? now) : now
    const failed = outcome === 'failed' || outcome === 'stolen'
    if (outcome === 'completed') {
      if (this.isOpen) this.close()
      this.row = 0
    }
    if (failed) {
      this.row += 1
      this.failedAt.push(minute)
    }
    this.charges.push({ minute, usd })
    const recent = this.failedAt.filter((at) => minute - at <= 30).length
    const spent = this.charges.filter((each) => minute - each.minute <= 30).reduce((sum, each) => sum + each.usd, 0)
    if ((failed && (this.isOpen || this.row >= 3 || recent >= 4)) || (usd > 0 && spent > 10)) {
      this.isOpen = true
      this.heard.fill(undefined)
    }
  }

  close(): void {
    this.isOpen = false
    this.row = 0
    this.failedAt = []
    this.charges = []
    this.heard.fill(undefined)
  }

  mayTake(by: number, now: Moment): boolean {
    if (!this.isOpen) {
      this.heard[by] = undefined
      return true
    }
    const heard = this.heard[by]
    const isKnown = heard?.bootId === now.bootId && heard.wallMs <= now.wallMs && heard.monotonicMs <= now.monotonicMs
    const since = isKnown ? heard : now
    this.heard[by] = since
    const waited = Math.min(now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs)
    return waited >= 10 * MINUTE && this.held === 0
  }
}

interface Model {
  readonly papers: readonly Paper[]
  /** True minutes; the sessions' clocks go by them. */
  minute: number
}

type Command = fc.Command<Model, World>

const act = (
  name: string,
  run: (model: Model, world: World) => void,
  check = (_: Readonly<Model>) => true,
): Command => ({
  check,
  run,
  toString: () => name,
})

const who = fc.nat({ max: SESSIONS.length - 1 })
const by = fc.nat({ max: OBSERVERS - 1 })

/** Wherever it stands, waiting with empty hands is a way out. */
function assertNotStuck(world: World, of: number): void {
  const breaker = sessionBreaker({ rules, account: world.account(of), cap: {}, seenMs: () => 10 * MINUTE })
  assert.is(refusedByBreaker(breaker, SESSIONS[of] as SessionName, 0), undefined)
}

const ask = fc.tuple(who, by).map(([of, observer]) =>
  act(`observer ${observer} asks for ${of}`, ({ papers }, world) => {
    const paper = papers[of] as Paper
    const { breaker, refusal } = world.ask(of, observer)
    const expected = paper.mayTake(observer, (world.observers[observer] as Observer).clock)
    assert.is(refusal === undefined, expected)
    assert.not(breaker.kind === 'open' && refusal === undefined)
    assert.is(breaker.kind === 'closed', !paper.isOpen)
    if (refusal !== undefined)
      assert.match(refusal.hint ?? '', /if-board (done|breaker reset session-\d --reason TEXT)/)
    else {
      paper.held += 1
      world.held[of] = (world.held[of] ?? 0) + 1
      // A spiral costs one task after it was stopped, not one for each observer.
      if (paper.isOpen) assert.is(paper.held, 1)
    }
    assertNotStuck(world, of)
  }),
)

const OUTCOMES: readonly OutcomeRecord['outcome'][] = [
  'completed',
  'failed',
  'stolen',
  'released',
  'blocked',
  'revoked',
]
const end = fc
  .tuple(who, fc.constantFrom('failed', 'failed', ...OUTCOMES), fc.nat({ max: 6 }))
  .map(([of, outcome, usd]) =>
    act(
      `a grant of ${of} is ${outcome} for $${usd}`,
      (model, world) => {
        model.papers[of]?.end(outcome as OutcomeRecord['outcome'], model.minute, usd)
        const charged = { microUsd: usd * 1_000_000, tokens: 0 }
        world.end(of, outcome as OutcomeRecord['outcome'], { at: MORNING + model.minute * MINUTE, charged })
      },
      ({ papers }) => (papers[of]?.held ?? 0) > 0,
    ),
  )

const foldNow = fc.tuple(who, fc.nat({ max: 9 })).map(([of, events]) =>
  act(`a fold seals ${events} of ${of}`, (_, world) => {
    world.sealed[of]?.push(...(world.unsealed[of]?.splice(0, events) ?? []))
  }),
)

const reset = who.map((of) =>
  act(`reset ${of}`, ({ papers }, world) => {
    const last = world.account(of).outcomes.at(-1)
    if (last !== undefined) world.forgiven[of] = markOf(last)
    papers[of]?.close()
  }),
)

const passes = fc.nat({ max: 12 }).map((minutes) =>
  act(`${minutes} min pass`, (model, { observers }) => {
    model.minute += minutes
    for (const one of observers) one.clock = moved(one.clock, minutes * MINUTE, minutes * MINUTE)
  }),
)

const jumps = fc.tuple(by, fc.integer({ min: -900, max: 900 })).map(([observer, minutes]) =>
  act(`the clock of ${observer} jumps ${minutes} min`, (_, { observers }) => {
    const one = observers[observer] as Observer
    one.clock = moved(one.clock, minutes * MINUTE, 0)
  }),
)

const boots = by.map((observer) =>
  act(`observer ${observer} boots`, (_, { observers }) => {
    const one = observers[observer] as Observer
    one.clock = { ...one.clock, monotonicMs: 0, bootId: `${Number(one.clock.bootId) + 1}` }
  }),
)

function moved({ wallMs, monotonicMs, bootId }: Moment, wall: number, monotonic: number): Moment {
  return { wallMs: wallMs + wall, monotonicMs: monotonicMs + monotonic, bootId }
}

test('whatever sessions, folds and clocks do, an open breaker admits nothing, a half-open one a task, and none is stuck', () => {
  const few = [foldNow, reset, jumps, boots]
  const commands = fc.commands([ask, ask, end, end, passes, ...few], { maxCommands: 100, size: 'max' })
  fc.assert(
    fc.property(commands, (acts) => {
      const model = { papers: SESSIONS.map(() => new Paper()), minute: 0 }
      fc.modelRun(() => ({ model, real: new World() }), acts)
    }),
    { ...seeded, numRuns: isFull ? 5000 : 500 },
  )
})

test.run()
