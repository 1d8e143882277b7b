/** Claims, states and seeds for tests that judge without a repository. */
import type fc from 'fast-check'
import {
  type ClaimKind,
  type ClaimRecord,
  type EventType,
  type ObjectId,
  type SignedEvent,
  type TaskKey,
  type TaskState,
  toObjectId,
  toSessionName,
} from '../../src/model/index.ts'

/** Give `IF_BOARD_SEED` to see a failed property again. */
export const seeded: fc.Parameters<unknown> =
  process.env.IF_BOARD_SEED === undefined ? {} : { seed: Number(process.env.IF_BOARD_SEED) }

/** The long counts, asked for with `IF_BOARD_TEST=full`. */
export const isFull = process.env.IF_BOARD_TEST === 'full'

const KEY = 'TASK-BOARD.md:P0.1' as TaskKey

/** An object id that stands for some commit: 40 times the same digit. */
export function oid(digit: string): ObjectId {
  return toObjectId(digit.repeat(40))
}

export interface ClaimFacts {
  readonly digit: string
  readonly kind: ClaimKind
  readonly session?: string
  readonly type?: EventType
  readonly epoch?: number
  readonly failures?: number
  readonly modeEpoch?: number
  readonly leaseMs?: number
  readonly key?: TaskKey
}

const TYPE_OF: Readonly<Record<ClaimKind, EventType>> = { granted: 'claim', returned: 'release', completed: 'complete' }

/** What a claim ref holds; its object id is the digit, 40 times. */
export function claimRecord(facts: ClaimFacts): ClaimRecord {
  const { digit, kind, key = KEY, epoch = 1, failures = 0, modeEpoch = 0, leaseMs = 1_800_000 } = facts
  const session = toSessionName(facts.session ?? 'session-1')
  const event = {
    type: `if-board.${facts.type ?? TYPE_OF[kind]}`,
    session,
    subject: key,
    data: { epoch, failures, modeEpoch, leaseSeconds: leaseMs / 1000 },
  } as unknown as SignedEvent
  return { oid: oid(digit), key, kind, event, session, epoch, failures, leaseMs, modeEpoch, at: 1_762_939_800_000 }
}

export function taskState(facts: Partial<TaskState> & Pick<TaskState, 'shown'>): TaskState {
  return { key: KEY, grants: 0, failures: 0, ...facts }
}
