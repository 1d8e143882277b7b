/** `why`: what holds a task, or where it stands for a session. Pure. */
import { printable } from '../../model/index.ts'
import type { ChainItem, WhyView } from '../../workflows/views.ts'
import { fit, iconOf, inkOf, type Page, wrap } from './page.ts'
import { commandLine } from './words.ts'

export function whyText(view: WhyView, page: Page): string {
  const { task, reasons, session } = view
  const { ink } = page
  const lines = [
    ink.bold(fit(`${task.id}  ${task.title}`, page.width)),
    ...reasons.flatMap((reason) => wrap(`${iconOf(task.status)} ${reason}`, page)),
    ...(view.chain.length > 1 ? chain(view, page) : []),
    ...(session === null ? [] : forSession(view, session, page)),
    ...others(view, page),
    ...(view.ready && session !== null && view.verdict?.kind !== 'refuse'
      ? ['', ink.dim(`try: ${commandLine('claim', task.id)}`)]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

const DEEPEST = 12

function chain({ chain: items, chainCut }: WhyView, page: Page): string[] {
  return [
    '',
    page.ink.bold('What it waits for'),
    ...items.slice(1).map((item) => chainLine(item, page)),
    ...(chainCut ? ['  and more'] : []),
  ]
}

/** What stands at an end of the chain is where something has to happen. */
function chainLine({ id, title, status, holder, depth, waitsFor, externalBlockers, isRoot }: ChainItem, page: Page) {
  const { ink } = page
  const indent = '  '.repeat(Math.min(depth, DEEPEST))
  const outside = externalBlockers.map((text) => `"${text}"`)
  const waits = [...waitsFor, ...outside]
  const tail = holder === null ? '' : `, ${holder === 'person' ? 'a person' : holder}`
  const why = waits.length === 0 ? '' : `, after ${waits.join(', ')}`
  const line = fit(`${id} ${title} (${status}${tail}${why})`, page.width - indent.length - 2)
  return `${indent}${inkOf(status, ink)(iconOf(status))} ${isRoot ? ink.bold(line) : line}`
}

function forSession({ ranking, verdict }: WhyView, session: string, page: Page): string[] {
  const lines = ['', page.ink.bold(`For ${printable(session, 64)}`)]
  if (verdict?.kind === 'refuse')
    lines.push(
      ...wrap(`  refused: ${verdict.reason ?? ''} [${verdict.rule ?? ''}]`, page, 4),
      ...(verdict.hint === null ? [] : wrap(`  ${verdict.hint}`, page, 4)),
      ...verdict.others.flatMap(({ rule, reason }) => wrap(`  refused too: ${reason} [${rule}]`, page, 4)),
    )
  if (ranking === null) return verdict?.kind === 'refuse' ? lines : []
  // A rule that refuses has said why already.
  if (ranking.position === null && verdict?.kind !== 'refuse')
    lines.push(...wrap(`  not offered: ${ranking.withheld ?? ''}`, page, 4))
  if (ranking.position !== null) {
    const place = `number ${ranking.position} of ${ranking.of} that it may be offered`
    lines.push(...wrap(`  ${place}: ${ranking.reasons.join('; ')}`, page, 4))
  }
  if (ranking.before.length > 0) lines.push(...wrap(`  before it: ${ranking.before.join(', ')}`, page, 4))
  for (const { id, rule, reason } of ranking.passedOver)
    lines.push(...wrap(`  not ${id}, which would come before: ${reason} [${rule}]`, page, 4))
  return lines
}

const MOST_SESSIONS = 8

/** The other side: whom the rules let do it, and what keeps the rest. */
function others({ who, session }: WhyView, page: Page): string[] {
  const rest = who.filter((one) => one.session !== session)
  if (rest.length === 0) return []
  const could = rest.filter(({ rule }) => rule === null).map((one) => one.session)
  const kept = rest.filter(({ rule }) => rule !== null)
  const more = kept.length > MOST_SESSIONS ? [`  and ${kept.length - MOST_SESSIONS} more that may not`] : []
  return [
    '',
    page.ink.bold('Other active sessions'),
    ...wrap(`  may do it: ${could.length === 0 ? 'none' : could.join(', ')}`, page, 4),
    ...kept
      .slice(0, MOST_SESSIONS)
      .flatMap((one) => wrap(`  not ${one.session}: ${one.reason} [${one.rule}]`, page, 4)),
    ...more,
  ]
}
