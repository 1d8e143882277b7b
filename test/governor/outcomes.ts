/** Ended grants for tests of what is counted. */
import { type BreakerRules, GOVERNOR_DEFAULTS, type OutcomeRecord, type TaskKey } from '../../src/model/index.ts'

export const MINUTE = 60_000
/** 2025-11-12T09:30:00Z */
export const MORNING = 1_762_939_800_000

export function ended(sequence: number, outcome: OutcomeRecord['outcome'], facts: Partial<OutcomeRecord> = {}) {
  const record: OutcomeRecord = {
    sequence,
    task: `TASK-BOARD.md:T${sequence}` as TaskKey,
    outcome,
    at: MORNING + sequence * MINUTE,
    charged: { microUsd: 0, tokens: 0 },
    day: '2025-11-12',
    ...facts,
  }
  return record
}

/** `cffs`: completed, failed, failed, stolen; `r`, `b`, `v`: released, blocked, revoked; `x`: refused by a check. One a minute. */
export function history(letters: string, facts: Partial<OutcomeRecord> = {}): OutcomeRecord[] {
  return [...letters].map((letter, at) => ended(at + 1, WORDS[letter] as OutcomeRecord['outcome'], facts))
}

const WORDS: Readonly<Record<string, OutcomeRecord['outcome']>> = {
  c: 'completed',
  f: 'failed',
  s: 'stolen',
  r: 'released',
  b: 'blocked',
  v: 'revoked',
  x: 'refused',
}

export function breakerRules(rules: Partial<BreakerRules> = {}): BreakerRules {
  return { ...GOVERNOR_DEFAULTS.breaker, ...rules }
}
