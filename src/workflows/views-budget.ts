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
  const shown = (amount: number) => shownIn(unit, amount)
  return [
    {
      scope,
      name,
      unit: unitWord(unit),
      cap: shown(most),
      spent: shown(spent[unit]),
      reserved: shown(reserved[unit]),
      left: shown(Math.max(0, most - used)),
      usedPercent: most === 0 ? 100 : Math.floor((100 * used) / most),
    },
  ]
}

function unitWord(unit: Unit): BudgetItem['unit'] {
  return unit === 'microUsd' ? 'usd' : 'tokens'
}

function shownIn(unit: Unit, amount: number): number {
  return unit === 'microUsd' ? amount / 1_000_000 : amount
}

/** As much is used, of a cap or at all, as a person wants to hear of. */
export interface BudgetAlert extends Pick<BudgetItem, 'scope' | 'name' | 'unit'> {
  /** The highest of the set parts or sums that is reached: `75`, `$50.00`. */
  readonly reached: string
  readonly message: string
  readonly hint: string
}

export function budgetAlerts(reading: Reading): BudgetAlert[] {
  return [...budgetItems(reading).flatMap((item) => partAlert(reading, item)), ...sumAlerts(reading)]
}

function partAlert({ config }: Reading, item: BudgetItem): BudgetAlert[] {
  const percent = config.governor.budget.alerts.findLast((part) => item.usedPercent >= part)
  if (percent === undefined) return []
  const { scope, name, unit } = item
  return [{ scope, name, unit, reached: String(percent), message: alertText(item), hint: hintFor(item) }]
}

function sumAlerts({ accounts, config }: Reading): BudgetAlert[] {
  const rules = config.governor.budget
  if (rules.alertSums.length === 0) return []
  const [{ spent }] = sharedLines({ rules, accounts })
  return UNITS.flatMap((unit) => {
    const reached = rules.alertSums.flatMap((sum) => sum[unit] ?? []).filter((sum) => spent[unit] >= sum)
    if (reached.length === 0) return []
    const said = { scope: 'total', name: '', unit: unitWord(unit) } as const
    const [sum, all] = [Math.max(...reached), spent[unit]].map((amount) => amountText(said, shownIn(unit, amount)))
    const message = `${all} are spent on all boards, and ${sum} is a sum to tell of`
    return [{ ...said, reached: sum ?? '', message, hint: 'See on what: if-board witness cost' }]
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
