/** What `add`, `set` and `reopen` answered, for people. Pure. */
import { printable, splitTaskKey } from '../../model/index.ts'
import type { TaskItem } from '../../projection/index.ts'
import type { AddTaskOutcome } from '../../workflows/add-task.ts'
import type { SetOutcome } from '../../workflows/set-task.ts'
import { clip, commandLine, idOf } from './words.ts'

const NAMED = 12

export function addText({ task }: AddTaskOutcome): string {
  return [`${nameOf(task)} is on ${printable(task.board, 200)}, line ${task.line}.`, ...waitsFor(task)].join('\n')
}

function waitsFor({ id, status, blockedBy, externalBlockers }: TaskItem): string[] {
  const outside = externalBlockers.map((text) => `\`${printable(text, 80)}\``)
  const names = [...blockedBy.map((other) => printable(other, 60)), ...outside]
  if (names.length > 0) return [`Waits for: ${some(names)}`]
  return status === 'ready' ? [`It is ready: ${commandLine('claim', id)}`] : []
}

export function setJson({ kind, task, field, told, revoked, waitAgain }: SetOutcome) {
  const again = waitAgain.map((key) => splitTaskKey(key))
  return { kind, field, task, told: told ?? null, revoked: revoked ?? null, waitAgain: again }
}

export function setText({ kind, field, task, told, revoked, waitAgain }: SetOutcome): string {
  const name = nameOf(task)
  if (kind === 'unchanged')
    return field === 'status' ? `${name} is ${task.status} already.` : `${name} says that already; nothing changed.`
  const lines = [
    kind === 'reopened' || field === 'status'
      ? `${name} is ${task.status === 'ready' || task.status === 'blocked' ? openWord(task) : task.status} now.`
      : `${name} has another ${field} now.`,
    ...(field === 'dependencies' ? waitsFor(task) : []),
  ]
  if (revoked !== undefined) lines.push(`${printable(revoked, 64)} held it and is told at its next command.`)
  if (told !== undefined) lines.push(`${printable(told, 64)} holds it and is shown this at its next command.`)
  const again = waitAgain.map(idOf).map((id) => printable(id, 60))
  if (again.length > 0) lines.push(`Waiting for it again: ${some(again)}`)
  return lines.join('\n')
}

function openWord({ status, blockedBy }: TaskItem): string {
  return status === 'ready' ? 'open and ready' : `open, and waits for ${some(blockedBy.map((id) => printable(id, 60)))}`
}

function some(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${names.slice(0, NAMED).join(', ')}${more}`
}

function nameOf({ id, title }: TaskItem): string {
  return `${printable(id, 128)} (${clip(title, 120)})`
}
