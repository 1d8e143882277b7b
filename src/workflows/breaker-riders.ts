/**
 * What an operation does to breakers, told before it in the same push, for people: openings and closings are judged by
 * counting. It is found by counting the operation as if it had been said.
 */
import { quarantineOf, type SaidChange, sessionCap, sessionChange } from '../governor/index.ts'
import {
  type EventData,
  type EventType,
  isSessionName,
  type SessionName,
  type SignedEvent,
  type TaskKey,
} from '../model/index.ts'
import { formatTime, tally } from '../witness/index.ts'
import type { Reading } from './reading.ts'
import type { Toolbox } from './toolbox.ts'

/** The part of a `Saying` that is counted. */
export interface Counting {
  readonly session: SessionName
  readonly type: EventType
  readonly subject?: TaskKey
  readonly data: EventData
}

export interface BreakerRider {
  readonly type: 'breaker'
  readonly subject?: TaskKey
  readonly data: EventData
}

const ENDS: ReadonlySet<EventType> = new Set<EventType>(['complete', 'fail', 'release', 'block', 'steal', 'revoked'])

export function breakerRiders(box: Toolbox, reading: Reading, saying: Counting): BreakerRider[] {
  const begins = saying.type === 'claim' || saying.type === 'steal' ? probeOf(reading, saying.session) : undefined
  const changes = ENDS.has(saying.type) ? changesBy(box, reading, saying) : []
  return [...changes, ...(begins === undefined ? [] : [begins])].map((change) => riderOf(change, saying.data))
}

/** A session whose breaker is half-open takes its probe. */
function probeOf({ accounts }: Reading, session: SessionName): SaidChange | undefined {
  const breaker = accounts.breakers.get(session)
  if (breaker?.kind !== 'half-open') return undefined
  return { of: 'session', name: session, to: 'half-open', rule: 'probe', reason: breaker.reason }
}

function changesBy(box: Toolbox, reading: Reading, saying: Counting): SaidChange[] {
  const { accounts, config } = reading
  const { budget, breaker: rules } = config.governor
  const { ledger, taskAccount } = accounts
  const { session, type, subject, data } = saying
  const holder = type === 'steal' || type === 'revoked' ? (data.from ?? '') : session
  if (subject === undefined || !isSessionName(holder)) return []
  const accountOf = (of: typeof ledger, name: SessionName) => of.sessions.find((account) => account.session === name)
  const event = {
    ...{ session, subject, data, type: `if-board.${type}`, time: formatTime(box.clock.now().wallMs) },
    sequence: (accountOf(ledger, session)?.through ?? 0) + 1,
  } as SignedEvent
  const counted = tally({ ledger, taskAccount }, [event])
  const before = accountOf(ledger, holder)
  const after = accountOf(counted.ledger, holder)
  if (after === undefined) return []
  const ofSession = sessionChange({
    session: holder,
    before: before ?? { outcomes: [], spent: { microUsd: 0, tokens: 0 } },
    after,
    rules,
    cap: sessionCap(budget.session, after.budgetMicroUsd),
  })
  const wasQuarantined = quarantineOf(taskAccount(subject), rules) !== undefined
  const reason = wasQuarantined ? undefined : quarantineOf(counted.tasks.get(subject), rules)
  const ofTask: SaidChange[] =
    reason === undefined ? [] : [{ of: 'task', name: subject, to: 'open', rule: 'quarantine', reason }]
  return [...(ofSession === undefined ? [] : [ofSession]), ...ofTask]
}

function riderOf({ reason, ...breaker }: SaidChange, { task }: EventData): BreakerRider {
  if (breaker.of === 'session') return { type: 'breaker', data: { breaker, reason } }
  const about = task === undefined ? {} : { task }
  return { type: 'breaker', subject: breaker.name as TaskKey, data: { ...about, breaker, reason } }
}
