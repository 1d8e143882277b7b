/** `budget-total`, `-day`, `-board`, `-session`, `-task`: what would overrun a cap is refused, with what is left. */
import { type Amount, type Cap, minus, plus, type Task, UNITS, type Unit, usdText } from '../model/index.ts'
import { type BudgetLine, isOverrun } from './budget.ts'
import type { AdmissionFacts, Refusal } from './verdict.ts'

/** The least that any claim sets aside. */
const LEAST: Amount = { microUsd: 1, tokens: 1 }

/** Is a cap used up that counts whatever the task is? */
export function budgetGone({ budget }: AdmissionFacts): Refusal | undefined {
  const line = budget.lines.find((one) => isOverrun(one, LEAST))
  return line === undefined ? undefined : refusal(line, `nothing is left of ${used(line, LEAST)}`)
}

/** Does what the task is expected to cost fit into every cap? */
export function budgetOverrun({ budget }: AdmissionFacts, task: Task): Refusal | undefined {
  const lines = [...budget.lines, ...budget.linesFor(task)]
  if (lines.length === 0) return undefined
  const reserve = budget.reserveFor(task)
  const line = lines.find((one) => isOverrun(one, reserve))
  if (line === undefined) return undefined
  const unit = overrunUnit(line, reserve)
  const left = minus(capOf(line, unit), plus(line.spent, line.reserved))
  const needs = `${task.id} is expected to cost ${textOf(reserve, unit)}, and ${textOf(left, unit)} is left`
  return refusal(line, `${needs} of ${used(line, reserve)}`)
}

function refusal({ scope }: BudgetLine, reason: string): Refusal {
  return { kind: 'refuse', rule: `budget-${scope}`, reason, hint: HINTS[scope] }
}

const ASK_AGAIN = 'Ask again when a claim has ended'
const HINTS: Readonly<Record<BudgetLine['scope'], string>> = {
  total: `${ASK_AGAIN}, or raise \`budget.total\` in .if-board/config.yml: if-board status`,
  day: `${ASK_AGAIN}, tomorrow (UTC), or raise \`budget.day\` in .if-board/config.yml: if-board status`,
  board: `${ASK_AGAIN}, or raise the board\u2019s cap below \`budget.boards\` in .if-board/config.yml: if-board status`,
  session: 'Raise its budget: if-board join NAME --budget USD, or `budget.session` in .if-board/config.yml',
  task: 'Raise its budget: if-board set ID budget USD, or `budget.task` in .if-board/config.yml',
}

/** `$10.00 for all boards ($8.50 spent, $1.00 reserved)`. */
function used(line: BudgetLine, reserve: Amount): string {
  const unit = overrunUnit(line, reserve)
  const parts = `${textOf(line.spent, unit)} spent, ${textOf(line.reserved, unit)} reserved`
  return `${textOf(capOf(line, unit), unit)} ${scopeText(line)} (${parts})`
}

function overrunUnit({ spent, reserved, cap }: BudgetLine, reserve: Amount): Unit {
  const after = plus(plus(spent, reserved), reserve)
  return UNITS.find((unit) => after[unit] > (cap[unit] ?? Number.POSITIVE_INFINITY)) ?? 'microUsd'
}

function capOf({ cap }: { readonly cap: Cap }, unit: Unit): Amount {
  return { microUsd: 0, tokens: 0, [unit]: cap[unit] ?? 0 }
}

function textOf(amount: Amount, unit: Unit): string {
  return unit === 'microUsd' ? usdText(amount.microUsd) : `${amount.tokens} tokens`
}

function scopeText({ scope, name }: BudgetLine): string {
  switch (scope) {
    case 'total':
      return 'for all boards'
    case 'day':
      return `for ${name} (UTC)`
    default:
      return `for ${name}`
  }
}
