/** How far each cap is used, for whoever shows it, and what a person should hear of. Pure. */
import { type BudgetLine, type BudgetScope, boardLine, sessionLine, sharedLines, taskLine } from '../governor/index.ts'
import { UNITS, type Unit } from '../model/index.ts'
import { amountText, forWhat } from './budget-words.ts'
import type { Reading } from './reading.ts'

/** One cap in one unit; amounts are US dollars or tokens. */
export interface BudgetItem {
  readonly scope: BudgetScope
  /** Day, board, session or id of the task; `''`: everything. */
  readonly name: string
  readonly unit: 'usd' | 'tokens'
  readonly cap: number
  readonly spent: number
  /** By claims that live. */
  readonly reserved: number
  /** Never below 0: what more than the cap was spent shows in `spent`. */
  readonly left: number
  /** Of the cap, what is spent or reserved, in whole per cent. */
  readonly usedPercent: number
}

/** Caps that are set: of everything, today, boards, sessions, and of the tasks that have cost something. */
export function budgetItems(reading: Reading): BudgetItem[] {
  return cappedLines(reading).flatMap((line) => UNITS.flatMap((unit) => itemOf(line, unit)))
}

function cappedLines({ accounts, config, snapshot }: Reading): BudgetLine[] {
  const books = { rules: config.governor.budget, accounts }
  const sessions = accounts.ledger.sessions.map((account) => sessionLine(books, account.session, account))
  const held = new Set(accounts.reserved.map(({ task }) => task))
  const used = [...snapshot.views.values()].filter(
    ({ task: { key } }) => held.has(key) || accounts.taskAccount(key) !== undefined,
  )
  return [
    ...sharedLines(books),
    ...snapshot.project.boards.map(({ name }) => boardLine(books, name)),
    ...sessions,
    ...used.map(({ task }) => taskLine(books, task)),
  ]
}

function itemOf({ scope, name, cap, spent, reserved }: BudgetLine, unit: Unit): BudgetItem[] {
  const most = cap[unit]
  if (most === undefined) return []
  const used = spent[unit] + reserved[unit]
  const shown = (amount: number) => (unit === 'microUsd' ? amount / 1_000_000 : amount)
  return [
    {
      scope,
      name,
      unit: unit === 'microUsd' ? 'usd' : 'tokens',
      cap: shown(most),
      spent: shown(spent[unit]),
      reserved: shown(reserved[unit]),
      left: shown(Math.max(0, most - used)),
      usedPercent: most === 0 ? 100 : Math.floor((100 * used) / most),
    },
  ]
}

/** A cap that is used as far as a person wants to hear of. */
export interface BudgetAlert {
  readonly item: BudgetItem
  /** The highest of the set parts that is reached. */
  readonly percent: number
  readonly message: string
  readonly hint: string
}

export function budgetAlerts(reading: Reading): BudgetAlert[] {
  return budgetItems(reading).flatMap((item) => {
    const percent = reading.config.governor.budget.alerts.findLast((part) => item.usedPercent >= part)
    return percent === undefined ? [] : [{ item, percent, message: alertText(item), hint: hintFor(item) }]
  })
}

function alertText(item: BudgetItem): string {
  const { cap, spent, reserved, usedPercent } = item
  const parts = `${amountText(item, spent)} spent, ${amountText(item, reserved)} reserved`
  return `${usedPercent} % of ${amountText(item, cap)} ${forWhat(item)} is used: ${parts}`
}

function hintFor({ scope, name, unit }: BudgetItem): string {
  const key = scope === 'board' ? 'boards' : scope
  const inConfig = `raise \`budget.${key}\` in .if-board/config.yml, or let it end here`
  return scope === 'task' && unit === 'usd'
    ? `if-board set ${name} budget USD, or ${inConfig}`
    : `To go on, ${inConfig}`
}
