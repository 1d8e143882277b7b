/** How far caps are used, below a heading. Pure. */
import { amountText, forWhat } from '../../workflows/budget-words.ts'
import type { BudgetItem } from '../../workflows/views-budget.ts'
import { type Cell, type Page, table } from './page.ts'

/** More caps than these are in the JSON alone. */
const SHOWN = 6

/** Nothing where no cap is set. Shared caps first, then those of which most is used. */
export function budgetLines(items: readonly BudgetItem[], page: Page): string[] {
  if (items.length === 0) return []
  const isShared = ({ scope }: BudgetItem) => scope === 'total' || scope === 'day'
  const others = items.filter((item) => !isShared(item)).sort((a, b) => b.usedPercent - a.usedPercent)
  const shown = [...items.filter(isShared), ...others].slice(0, SHOWN)
  const more = items.length > shown.length ? [`  and ${items.length - shown.length} more: if-board status --json`] : []
  const rows = shown.map((item) => budgetRow(item, page))
  return ['', page.ink.bold('Budget'), ...table(rows, page, 0), ...more]
}

export function budgetText(items: readonly BudgetItem[], page: Page): string {
  return budgetLines(items, page)
    .map((line) => `${line}\n`)
    .join('')
}

function budgetRow(item: BudgetItem, { ink }: Page): Cell[] {
  const left = { text: `${amountText(item, item.left)} left` }
  return [
    { text: `${amountText(item, item.cap)} ${forWhat(item)}`, paint: ink.bold },
    { text: `${amountText(item, item.spent)} spent` },
    { text: `${amountText(item, item.reserved)} reserved` },
    item.usedPercent >= 100 ? { ...left, paint: ink.bad } : left,
  ]
}
