/**
 * What tasks may cost: what a claim sets aside, what is left of each cap, and whether one more claim fits.
 *
 * `spent + reserved by live claims + its own reservation > cap` refuses, for each cap that is set. Sums are made once
 * per reading and session, so that a board of 100,000 tasks is judged by a few comparisons each.
 */
import {
  type Amount,
  type BoardName,
  type BudgetRules,
  type Cap,
  type ClaimRecord,
  type Ledger,
  microUsdOf,
  NOTHING,
  plus,
  type SessionAccount,
  type SessionName,
  type Task,
  UNITS,
} from '../model/index.ts'
import type { Accounts, Reservation } from './accounts.ts'
import { expectCosts } from './expected-cost.ts'

export type BudgetScope = 'total' | 'day' | 'board' | 'session' | 'task'

/** One cap, and how far it is used. */
export interface BudgetLine {
  readonly scope: BudgetScope
  /** Day, board, session or id of the task; `''`: everything. */
  readonly name: string
  readonly cap: Cap
  readonly spent: Amount
  /** By claims that live. */
  readonly reserved: Amount
}

export interface Budget {
  /** The caps that every claim of the session counts against, whatever the task. */
  readonly lines: readonly BudgetLine[]
  /** Those of this task and its board. */
  linesFor(task: Task): readonly BudgetLine[]
  /** What a claim of the task sets aside; each unit at least 1, so that nothing fits into a cap that is used up. */
  reserveFor(task: Task): Amount
}

export interface BudgetRequest {
  readonly rules: BudgetRules
  readonly accounts: Accounts
  readonly session: SessionName
  /** What a claim that is judged again has set aside already, in place of what it is expected to cost. */
  readonly reserve?: Amount
}

/** What a claim sets aside: what it says itself, or the default where it was made without. */
export function reservationOf(
  { event }: Pick<ClaimRecord, 'event'>,
  { reserve }: Pick<BudgetRules, 'reserve'>,
): Amount {
  return event.data.reserve ?? reserve
}

/** Can claims of different sessions exceed a cap together? Then a grant looks again before it is told. */
export function hasSharedCap({ total, day, boards }: BudgetRules): boolean {
  return [total, day, ...boards.map(([, cap]) => cap)].some(isCap)
}

export function openBudget({ rules, accounts, session, reserve }: BudgetRequest): Budget {
  const own = accounts.ledger.sessions.find((account) => account.session === session)
  const costs = expectCosts({ ledger: accounts.ledger, rules, rateMicroUsdPerHour: own?.rateMicroUsdPerHour })
  const boards = memo((board: BoardName) => boardLine({ rules, accounts }, board))
  return {
    lines: [...sharedLines({ rules, accounts }), sessionLine({ rules, accounts }, session, own)].filter(isCapped),
    linesFor: (task) => [
      ...[boards(task.board)].filter(isCapped),
      ...(isCap(taskCap(rules, task)) ? [taskLine({ rules, accounts }, task)] : []),
    ],
    reserveFor: (task) => reserve ?? atLeastOne(within(costs(task), taskCap(rules, task))),
  }
}

type Books = Pick<BudgetRequest, 'rules' | 'accounts'>

/** Caps that all sessions share on all boards, whether they are set or not. */
export function sharedLines({ rules, accounts }: Books): readonly [all: BudgetLine, today: BudgetLine] {
  const { ledger, today } = accounts
  const reserved = reservedBy(accounts, () => true)
  return [
    { scope: 'total', name: '', cap: rules.total, spent: total(ledger.boards.map(({ spent }) => spent)), reserved },
    { scope: 'day', name: today, cap: rules.day, spent: spentOn(ledger, today), reserved },
  ]
}

export function boardLine({ rules, accounts }: Books, board: BoardName): BudgetLine {
  const cap = rules.boards.find(([name]) => name === board)?.[1] ?? {}
  const spent = accounts.ledger.boards.find((account) => account.board === board)?.spent ?? NOTHING
  return { scope: 'board', name: board, cap, spent, reserved: reservedBy(accounts, (one) => one.board === board) }
}

export function sessionLine({ rules, accounts }: Books, session: SessionName, account?: SessionAccount): BudgetLine {
  const cap = lowest(rules.session, dollars(account?.budgetMicroUsd))
  const spent = account?.spent ?? NOTHING
  return {
    scope: 'session',
    name: session,
    cap,
    spent,
    reserved: reservedBy(accounts, (one) => one.session === session),
  }
}

export function taskLine({ rules, accounts }: Books, task: Task): BudgetLine {
  const spent = accounts.taskAccount(task.key)?.spent ?? NOTHING
  const reserved = reservedBy(accounts, (one) => one.task === task.key)
  return { scope: 'task', name: task.id, cap: taskCap(rules, task), spent, reserved }
}

function taskCap(rules: BudgetRules, { budgetUsd }: Task): Cap {
  return lowest(rules.task, dollars(budgetUsd === undefined ? undefined : microUsdOf(budgetUsd)))
}

/** Days that the reader's clock has not come to yet count as today: no clock makes more be left. */
function spentOn({ boards }: Ledger, today: string): Amount {
  return total(boards.flatMap(({ days }) => days.filter(([day]) => day >= today).map(([, spent]) => spent)))
}

function reservedBy({ reserved }: Accounts, counts: (one: Reservation) => boolean): Amount {
  return total(reserved.filter(counts).map(({ amount }) => amount))
}

function total(amounts: readonly Amount[]): Amount {
  return amounts.reduce(plus, NOTHING)
}

function isCap(cap: Cap): boolean {
  return UNITS.some((unit) => cap[unit] !== undefined)
}

function isCapped({ cap }: BudgetLine): boolean {
  return isCap(cap)
}

function dollars(microUsd: number | undefined): Cap {
  return microUsd === undefined ? {} : { microUsd }
}

/** Both bounds at once. */
function lowest(a: Cap, b: Cap): Cap {
  const found = UNITS.flatMap((unit) => {
    const least = Math.min(a[unit] ?? Number.POSITIVE_INFINITY, b[unit] ?? Number.POSITIVE_INFINITY)
    return least === Number.POSITIVE_INFINITY ? [] : [[unit, least] as const]
  })
  return Object.fromEntries(found)
}

function within(amount: Amount, cap: Cap): Amount {
  return {
    microUsd: Math.min(amount.microUsd, cap.microUsd ?? amount.microUsd),
    tokens: Math.min(amount.tokens, cap.tokens ?? amount.tokens),
  }
}

function atLeastOne({ microUsd, tokens }: Amount): Amount {
  return { microUsd: Math.max(1, microUsd), tokens: Math.max(1, tokens) }
}

/** Does this line hold no room for the reservation? */
export function isOverrun({ cap, spent, reserved }: BudgetLine, reserve: Amount): boolean {
  const after = plus(plus(spent, reserved), reserve)
  return UNITS.some((unit) => after[unit] > (cap[unit] ?? Number.POSITIVE_INFINITY))
}

function memo<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}
