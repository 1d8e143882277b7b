/** What the lifecycle commands answered, in a line or two for people; as JSON in `workflows/answers.ts`. Pure. */
import { printable, type TaskKey } from '../../model/index.ts'
import type { Finished, FinishOutcome, Refused } from '../../workflows/outcomes.ts'
import { commandLine, idOf, plural } from './words.ts'

export function lostText({ task, reason }: { readonly task: TaskKey; readonly reason: string }): string {
  const id = printable(idOf(task), 128)
  return `LOST ${id}: ${printable(reason, 300)}.\nStop working on it. Something else: if-board next\n`
}

type RefusedWords = Pick<Refused, 'rule' | 'reason' | 'hint' | 'output'>

export function refusedText({ rule, reason, hint, output = '' }: RefusedWords): string {
  const next = hint === undefined ? '' : `${printable(hint, 300)}\n`
  return `REFUSED by the rule ${rule}: ${printable(reason, 300)}.\n${quoted(output)}${next}`
}

/** What a module printed is data: behind a mark, without a character that a terminal would obey. */
export function quoted(output: string): string {
  const lines = output === '' ? [] : output.split('\n')
  return lines.map((line) => `> ${printable(line, 500)}\n`).join('')
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
  return `${name} ${DID[outcome.kind]}${merged}.\n${helpLine(outcome)}${ready}${next}`
}

function helpLine({ help, noHelp }: Finished): string {
  if (help !== undefined)
    return `Help is wanted by ${printable(idOf(help.key), 128)} (${printable(help.needs.join(', '), 300)}): who can do it is offered it.\n`
  return noHelp === undefined
    ? ''
    : `Nobody could be asked for help: ${printable(noHelp, 300)}. A person lifts it: if-board unblock\n`
}

const NEXT = 'Go on: if-board next\n'

export function alsoHeldLine(keys: readonly TaskKey[]): string {
  const ids = keys.map(idOf)
  return `you also hold ${plural(ids.length, 'task')}: ${ids.join(', ')} (${commandLine('show', ids[0])})`
}
