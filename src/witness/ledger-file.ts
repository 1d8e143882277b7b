/**
 * `.if-board/state/ledger`: what folds have counted, one canonical JSON line per session and board, sorted.
 *
 *     {"board":"TASK-BOARD.md","days":[["2025-11-12",{"microUsd":1500000,"tokens":0}]],"samples":[],"spent":{…}}
 *     {"capabilities":[],"outcomes":[],"session":"session-4","spent":{"microUsd":0,"tokens":0},"through":17}
 *
 * Only folds write it. What is not understood is an error with its place, never skipped: a lost line would be money that
 * was never spent.
 */
import {
  type Amount,
  type BoardAccount,
  IfBoardError,
  isBoardName,
  isSessionName,
  isTaskKey,
  type Ledger,
  MAX_DAYS,
  MAX_OUTCOMES,
  MAX_SAMPLES,
  type OutcomeRecord,
  type Sample,
  type SessionAccount,
} from '../model/index.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { LEDGER_FILE } from './ledger.ts'

export function renderLedgerFile({ boards, sessions }: Ledger): string {
  return [...boards, ...sessions].map((account) => `${canonicalJson(account)}\n`).join('')
}

/** @throws IfBoardError `state/invalid` at the line that a fold would not have written */
export function parseLedgerFile(text: string): Ledger {
  const boards: BoardAccount[] = []
  const sessions: SessionAccount[] = []
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const value = parseCanonicalJson(line)
    if (isBoardAccount(value) && (boards.at(-1)?.board ?? '') < value.board && sessions.length === 0) boards.push(value)
    else if (isSessionAccount(value) && (sessions.at(-1)?.session ?? '') < value.session) sessions.push(value)
    else throw broken(index + 1)
  }
  if (text !== '' && !text.endsWith('\n')) throw broken(text.split('\n').length)
  return { boards, sessions }
}

function broken(line: number): IfBoardError {
  return new IfBoardError('state/invalid', 'what was counted of costs and outcomes cannot be read', {
    place: { file: LEDGER_FILE, line, column: 1 },
    hint: 'State files are written by folds alone; revert the commit that changed this file by hand',
  })
}

type Check = (value: unknown) => boolean

const DAY = /^\d{4}-\d\d-\d\d$/
const OUTCOMES: ReadonlySet<unknown> = new Set([
  'completed',
  'failed',
  'released',
  'blocked',
  'stolen',
  'revoked',
  'refused',
])

const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const positive: Check = (value) => count(value) && value !== 0
const minutes: Check = (value) => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
const day: Check = (value) => typeof value === 'string' && DAY.test(value)
const text: Check = (value) => typeof value === 'string'
const session: Check = (value) => typeof value === 'string' && isSessionName(value)
const amount: Check = shaped<Amount>({ microUsd: count, tokens: count })

function optional(check: Check): Check {
  return (value) => value === undefined || check(value)
}

function listOf(check: Check, most = Number.POSITIVE_INFINITY): Check {
  return (value) => Array.isArray(value) && value.length <= most && value.every(check)
}

/** Exactly these fields. */
function shaped<Shape>(fields: { readonly [Field in keyof Required<Shape>]: Check }): Check {
  const checks = new Map(Object.entries<Check>(fields))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const found = new Map(Object.entries(value))
    return (
      [...found.keys()].every((key) => checks.has(key)) && [...checks].every(([key, check]) => check(found.get(key)))
    )
  }
}

const outcome = shaped<OutcomeRecord>({
  sequence: positive,
  task: (value) => typeof value === 'string' && isTaskKey(value),
  outcome: (value) => OUTCOMES.has(value),
  at: minutes,
  minutes: optional(minutes),
  day,
  charged: amount,
  assumed: optional(amount),
})

const sample = shaped<Sample>({
  session,
  minutes,
  estimateMinutes: optional(count),
  microUsd: optional(count),
  tokens: optional(count),
})

const sessionAccount = shaped<SessionAccount>({
  session,
  through: count,
  day: optional(day),
  spent: amount,
  outcomes: listOf(outcome, MAX_OUTCOMES),
  forgiven: optional(text),
  capabilities: listOf(text),
  model: optional(text),
  rateMicroUsdPerHour: optional(count),
  budgetMicroUsd: optional(count),
})

const boardAccount = shaped<BoardAccount>({
  board: (value) => typeof value === 'string' && isBoardName(value),
  spent: amount,
  days: listOf((value) => Array.isArray(value) && value.length === 2 && day(value[0]) && amount(value[1]), MAX_DAYS),
  samples: listOf(sample, MAX_SAMPLES),
})

function isSessionAccount(value: unknown): value is SessionAccount {
  return sessionAccount(value)
}

function isBoardAccount(value: unknown): value is BoardAccount {
  return boardAccount(value)
}
