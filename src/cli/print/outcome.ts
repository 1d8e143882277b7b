/** What the lifecycle commands answered, in a line or two for people; as JSON in `workflows/answers.ts`. Pure. */
import { printable, type TaskKey } from '../../model/index.ts'
import type { FinishOutcome, Refused } from '../../workflows/outcomes.ts'
import { commandLine, idOf, plural } from './words.ts'

export function lostText({ task, reason }: { readonly task: TaskKey; readonly reason: string }): string {
  const id = printable(idOf(task), 128)
  return `LOST ${id}: ${printable(reason, 300)}.\nStop working on it. Something else: if-board next\n`
}

export function refusedText({ rule, reason, hint }: Pick<Refused, 'rule' | 'reason' | 'hint'>): string {
  const next = hint === undefined ? '' : `${printable(hint, 300)}\n`
  return `REFUSED by the rule ${rule}: ${printable(reason, 300)}.\n${next}`
}

const DID = {
  completed: 'is done',
  failed: 'failed and is open for another session',
  released: 'is given back',
  blocked: 'is blocked and given back',
  renewed: 'is renewed',
  noted: 'has your note',
} as const

export function finishText(outcome: FinishOutcome): string {
  if (outcome.kind === 'lost') return lostText(outcome)
  if (outcome.kind === 'refused') return refusedText(outcome)
  const name = `${printable(idOf(outcome.task), 128)} (${printable(outcome.title, 120)})`
  if (outcome.kind === 'already-settled')
    return `${name} was already settled by ${printable(outcome.by ?? 'somebody', 100)}; nothing changed.\n${NEXT}`
  const merged = outcome.review ? '; it counts once its commit reaches the base branch' : ''
  const { unblocked } = outcome
  const opened = unblocked.map(idOf).slice(0, 12).join(', ')
  const ready =
    unblocked.length === 0
      ? ''
      : `Now ready: ${printable(opened, 400)}${unblocked.length > 12 ? ` and ${unblocked.length - 12} more` : ''}\n`
  const next = outcome.kind === 'renewed' || outcome.kind === 'noted' ? '' : NEXT
  return `${name} ${DID[outcome.kind]}${merged}.\n${ready}${next}`
}

const NEXT = 'Go on: if-board next\n'

export function alsoHeldLine(keys: readonly TaskKey[]): string {
  const ids = keys.map(idOf)
  return `you also hold ${plural(ids.length, 'task')}: ${ids.join(', ')} (${commandLine('show', ids[0])})`
}
