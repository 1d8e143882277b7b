/** `breaker`: what is stopped, since when, why, and what ends that. Pure. */
import { printable } from '../../model/index.ts'
import type { BreakerItem } from '../../workflows/breaker-list.ts'
import type { ResetOutcome } from '../../workflows/breaker-reset.ts'
import { type Page, wrap } from './page.ts'
import { dayAndClock } from './time.ts'

export function breakersText(items: readonly BreakerItem[], page: Page): string {
  if (items.length === 0) return 'Every breaker is closed.\n'
  return `${items.flatMap((item) => linesOf(item, page)).join('\n')}\n`
}

function linesOf({ of, name, state, reason, since, hint }: BreakerItem, page: Page): string[] {
  const { ink, width } = page
  const word = of === 'task' ? 'quarantined' : state
  const paint = state === 'open' ? ink.bad : ink.aside
  const when = since === null ? '' : ` (since ${dayAndClock(since)})`
  const inner = { ...page, width: width - 4 }
  return [
    `${ink.bold(printable(name, 128))}  ${paint(word)}${when}`,
    ...wrap(printable(reason, 500), inner).map((line) => `    ${line}`),
    ...wrap(printable(hint, 500), inner).map((line) => ink.dim(`    ${line}`)),
  ]
}

export function resetText({ kind, closed, open }: ResetOutcome): string {
  const names = closed.map((name) => printable(name, 128)).join(', ')
  return [
    kind === 'reset' ? `Closed: ${names}.` : 'Nothing was open that a reset closes.',
    ...open.map(({ name, hint }) => `Still open: ${printable(name, 128)}; ${printable(hint, 500)}`),
  ].join('\n')
}
