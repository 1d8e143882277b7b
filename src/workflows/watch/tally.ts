/** What a watcher counts of its own work, and how it is, for who asks it from outside. */
import type { RefStore } from '../../ports/index.ts'
import type { EscalationSight } from '../fast/escalate.ts'
import type { WholeReading } from '../read.ts'
import type { AlarmKind, Followed } from './alarms.ts'

export interface Tally {
  /** The states of docs/watcher.md. */
  state: 'standing-by' | 'looking' | 'seeing' | 'blind'
  /** Why nothing newer is known; `undefined` while it sees. */
  reason: string | undefined
  /** On the monotonic clock: when the authority answered last. */
  answeredAtMs: number | undefined
  reading: WholeReading | undefined
  followed: Followed
  looks: number
  failedLooks: number
  folds: number
  failedFolds: number
  readonly raised: Map<AlarmKind, number>
  /** What the rule of the settings went by at the newest turn. */
  escalation: EscalationSight | undefined
  /** Changes of who decides that were begun here, by where to. */
  readonly switches: { git: number; etcd: number }
  readonly requests: { look: number; fetch: number; push: number }
}

/** Before the first look is answered. */
export const BEGINNING = { state: 'looking', reason: 'no look has been answered yet' } as const

export function newTally(): Tally {
  return {
    ...BEGINNING,
    answeredAtMs: undefined,
    reading: undefined,
    followed: new Map(),
    looks: 0,
    failedLooks: 0,
    folds: 0,
    failedFolds: 0,
    raised: new Map(),
    escalation: undefined,
    switches: { git: 0, etcd: 0 },
    requests: { look: 0, fetch: 0, push: 0 },
  }
}

/** The same store; what is asked of the authority is counted when it is asked. */
export function counted(refs: RefStore, { requests }: Tally): RefStore {
  return {
    guards: refs.guards,
    list() {
      requests.fetch += 1
      return refs.list()
    },
    peek() {
      requests.look += 1
      return refs.peek()
    },
    moveAll(moves, unchanged) {
      requests.push += 1
      return refs.moveAll(moves, unchanged)
    },
  }
}
