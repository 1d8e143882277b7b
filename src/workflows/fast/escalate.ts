/**
 * Claims to etcd and back by themselves: what a watcher does of it, once a turn.
 *
 *     facts → judge (`src/fast/escalation.ts`) → (up: probe) → the first step of a switch, as `fast up` and `fast down` take it
 *
 * The watcher's own turn goes on with the switch, as with one that a person began. What went wrong is remembered and
 * waited for; a switch that somebody else began first is no trouble.
 */
import {
  type ClaimCount,
  claimsPerMinute,
  contentionOf,
  type Escalation,
  type EscalationFacts,
  judgeEscalation,
  noteCount,
  noteTrouble,
  spentMs,
  type Troubles,
  troublesNow,
} from '../../fast/index.ts'
import { type Config, ESCALATION_DEFAULTS, IfBoardError, type SessionName } from '../../model/index.ts'
import type { FastHealth, Instant } from '../../ports/index.ts'
import { readSamples } from '../contention.ts'
import type { WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { recallEscalation, rememberEscalation } from './escalation-memory.ts'
import { reasonOf } from './escalation-words.ts'
import { probeFast } from './probe.ts'
import { beginSwitch } from './switch.ts'
import type { SwitchTools } from './switch-step.ts'

const MINUTE_MS = 60_000

export interface EscalatorTools {
  readonly box: Toolbox
  /** In whose name the mode is moved. */
  readonly session: SessionName
  readonly knowsEtcd: boolean
  /** Loaded for a change alone. */
  readonly switchTools: () => Promise<SwitchTools>
  readonly health: () => Promise<FastHealth>
  /** Claims that a link to etcd has shown since it was made; `undefined`: there is none. */
  readonly heard: () => { readonly link: object; readonly claims: number } | undefined
}

/** What the rule went by, and what it says. */
export interface EscalationSight {
  readonly facts: EscalationFacts
  readonly judged: Escalation
}

export interface EscalatorTurn extends EscalationSight {
  /** A change was begun here. */
  readonly begun?: { readonly to: 'git' | 'etcd'; readonly by: 'contention' | 'quiet'; readonly reason: string }
  /** When the rule may say something else although nothing moves, in milliseconds; `undefined`: it is off. */
  readonly dueInMs: number | undefined
}

export class Escalator {
  readonly #tools: EscalatorTools
  /** Of one link: what came before it was made, or between two, nobody has counted. */
  #readings: { readonly link: object; readonly counts: readonly ClaimCount[] } | undefined

  constructor(tools: EscalatorTools) {
    this.#tools = tools
  }

  /** @throws IfBoardError what `beginSwitch` throws, unless etcd is in its way: that is remembered */
  async turn(reading: WholeReading): Promise<EscalatorTurn> {
    const { box, knowsEtcd } = this.#tools
    const { mode, config } = reading
    const now = box.clock.now()
    const rules = config.escalation ?? ESCALATION_DEFAULTS
    const seen = { mode, modeSeen: reading.ledger.get(box.layout.mode), rules }
    const troubles = troublesNow((await recallEscalation(box.memory)).troubles, seen, now)
    const rate = this.#rate(rules.down.minutes * MINUTE_MS, now)
    const facts = await factsOf(box, { ...seen, config, troubles, knowsEtcd, claimsPerMinute: rate, now })
    const judged = judgeEscalation(facts, now)
    const outcome = judged.kind === 'switch' ? await this.#begin(facts, judged) : undefined
    await this.#remember(outcome?.troubles ?? troubles, rate)
    const dueInMs = config.escalation && paceMs(config.escalation)
    if (outcome === undefined) return { facts, judged, dueInMs }
    if (outcome.kind === 'failed') {
      const after = { ...facts, troubles: outcome.troubles }
      return { facts: after, judged: judgeEscalation(after, now), dueInMs }
    }
    const { kind: _, ...change } = judged as Extract<Escalation, { kind: 'switch' }>
    const begun = { ...change, reason: reasonOf(facts, change.to) }
    // Whoever was faster, there is something to look at now.
    return { facts, judged, dueInMs: 0, ...(outcome.kind === 'begun' ? { begun } : {}) }
  }

  #rate(windowMs: number, now: Instant): number | undefined {
    const heard = this.#tools.heard()
    if (heard === undefined) {
      this.#readings = undefined
      return undefined
    }
    const count = { at: now, claims: heard.claims }
    const before = this.#readings?.link === heard.link ? this.#readings.counts : []
    this.#readings = { link: heard.link, counts: noteCount(before, count, windowMs) }
    return claimsPerMinute(before, count, windowMs)
  }

  async #begin(
    facts: EscalationFacts,
    { to, by }: Extract<Escalation, { kind: 'switch' }>,
  ): Promise<{ readonly kind: 'begun' | 'overtaken' | 'failed'; readonly troubles: Troubles }> {
    const { box, session, switchTools, health } = this.#tools
    const { mode, troubles } = facts
    const failed = (reason: string) => {
      const last = { epoch: mode.epoch, at: box.clock.now(), reason }
      return { kind: 'failed' as const, troubles: noteTrouble(troubles, last) }
    }
    try {
      const wrong = to === 'etcd' ? await whatProbeFinds(await health()) : undefined
      if (wrong !== undefined) return failed(wrong)
      const request = { to, from: mode, session, leaseMs: mode.leaseMs, by, reason: reasonOf(facts, to) }
      return { kind: await beginSwitch(await switchTools(), request), troubles }
    } catch (error) {
      if (error instanceof IfBoardError && error.code.startsWith('fast/')) return failed(error.message)
      throw error
    }
  }

  async #remember(troubles: Troubles, rate: number | undefined): Promise<void> {
    const { memory, clock } = this.#tools.box
    const known = rate === undefined ? {} : { rate: { at: clock.now(), claimsPerMinute: rate } }
    await rememberEscalation(memory, { troubles, ...known })
  }
}

/** Often enough for the shorter window, and at most once a minute. */
function paceMs({ up, down }: typeof ESCALATION_DEFAULTS): number {
  return Math.min(MINUTE_MS, (Math.min(up.minutes, down.minutes) * MINUTE_MS) / 5)
}

async function whatProbeFinds(health: FastHealth): Promise<string | undefined> {
  const { checks } = await probeFast(health)
  const wrong = checks.find(({ ok }) => !ok)
  return wrong && `if-board fast probe finds ${wrong.name}: ${wrong.message}`
}

interface FactsRequest
  extends Pick<EscalationFacts, 'mode' | 'modeSeen' | 'troubles' | 'knowsEtcd' | 'claimsPerMinute'> {
  readonly config: Pick<Config, 'escalation' | 'doneWhen'>
  readonly now: Instant
}

async function factsOf(box: Toolbox, { config, now, ...facts }: FactsRequest): Promise<EscalationFacts> {
  const { escalation: rules, doneWhen } = config
  const windowMs = (rules ?? ESCALATION_DEFAULTS).up.minutes * MINUTE_MS
  const contention = contentionOf(await readSamples(box), { epoch: facts.mode.epoch, windowMs }, now)
  const { mode, modeSeen, troubles, knowsEtcd, claimsPerMinute: rate } = facts
  return { rules, mode, modeSeen, contention, claimsPerMinute: rate, doneWhen, knowsEtcd, troubles }
}

/** Where a rate was noted longer ago, its watcher is gone. */
const RATE_KEPT_MS = 3 * MINUTE_MS

export type SightRequest = Pick<FactsRequest, 'mode' | 'modeSeen' | 'knowsEtcd' | 'config'>

/** For whoever only looks: by what sessions of this clone measured, and what its watcher left. */
export async function sightOf(box: Toolbox, request: SightRequest): Promise<EscalationSight> {
  const now = box.clock.now()
  const { troubles: before, rate } = await recallEscalation(box.memory)
  const rules = request.config.escalation ?? ESCALATION_DEFAULTS
  const troubles = troublesNow(before, { ...request, rules }, now)
  const isFresh = rate !== undefined && request.mode.mode === 'etcd' && spentMs(rate.at, now) <= RATE_KEPT_MS
  const known = isFresh ? rate.claimsPerMinute : undefined
  const facts = await factsOf(box, { ...request, troubles, claimsPerMinute: known, now })
  return { facts, judged: judgeEscalation(facts, now) }
}
