/** What `policy` answers, for people. Pure. */
import { printable, splitTaskKey } from '../../model/index.ts'
import type { ApproveOutcome } from '../../workflows/policy-approve.ts'
import type { ExplainedRule, Explanation } from '../../workflows/policy-explain.ts'
import type { Simulation } from '../../workflows/policy-simulate.ts'
import { fit, type Page, wrap } from './page.ts'

export function explainText({ task, session, action, verdict, rules }: Explanation, page: Page): string {
  const { ink } = page
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  const answer = verdict === 'allow' ? ink.good('allowed') : ink.bad('refused')
  const lines = [
    ink.bold(fit(`${task.id}  ${task.title}`, page.width)),
    `${session}, ${action}: ${answer}`,
    '',
    ...rules.flatMap((rule) => wrap(ruleLine(rule, width), page)),
  ]
  return `${lines.join('\n')}\n`
}

function ruleLine({ rule, verdict, reason, policies }: ExplainedRule, width: number): string {
  const by = verdict === 'allow' && policies.length > 0 ? `by ${policies.join(', ')}` : ''
  return `${verdict === 'allow' ? 'allows ' : 'refuses'}  ${rule.padEnd(width)}  ${printable(reason ?? by, 600)}`.trimEnd()
}

export function simulateText({ judged, refused, refusals }: Simulation, page: Page): string {
  const { ink } = page
  const told = `${refused} of ${judged} claims and completions in the log would have been refused`
  const more = refused - refusals.length
  const lines = [
    ink.bold(told),
    ...refusals.flatMap(({ time, session, action, task, rule, reason }) => [
      `${time.slice(0, 16).replace('T', ' ')}  ${session}  ${action} ${printable(task, 60)}  ${ink.bad(rule)}`,
      ...wrap(`  ${printable(reason, 600)}`, page),
    ]),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
  return `${lines.join('\n')}\n`
}

export function approveText({ kind, task, needed }: ApproveOutcome): string {
  const { id } = splitTaskKey(task)
  if (kind === 'unchanged') return `${printable(id, 200)} was approved before; nothing changed.`
  const note = needed ? '' : '\nNo approval was asked for it (policy.approval).'
  return `${printable(id, 200)} is approved.${note}`
}
