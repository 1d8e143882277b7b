/** What `next` says when it has nothing: why, what would change that, when to ask again. Pure. */
import { printable, type SessionName } from '../../model/index.ts'
import type { NothingReady } from '../../workflows/outcomes.ts'
import { duration, plural } from './words.ts'

export interface NothingRequest {
  readonly none: NothingReady
  readonly session: SessionName
  /** The one task that was asked for. */
  readonly task: string | undefined
}

export function nothingText({ none, session, task }: NothingRequest): string {
  const { reasons, wouldUnblock, retryAfterSeconds, finished } = none
  if (task !== undefined)
    return lines([
      `${printable(task, 128)} is not ready for ${session}.`,
      ...reasons.map((reason) => `- ${printable(reason, 300)}`),
      'Another task: if-board next',
    ])
  if (finished)
    return lines([
      `Nothing is left for ${session}: ${printable(reasons.join('; '), 300)}.`,
      'You may stop. New tasks on the board count from the next if-board next on.',
    ])
  return lines([
    `Nothing is ready for ${session}.`,
    'Why:',
    ...reasons.map((reason) => `- ${printable(reason, 300)}`),
    ...(wouldUnblock.length === 0 ? [] : ['What would unblock others:']),
    ...wouldUnblock.map(
      ({ id, holder, unblocks }) =>
        `- ${printable(id, 128)}${holder === undefined ? '' : `, held by ${holderWords(holder)}`}: ${plural(unblocks, 'task')} ${unblocks === 1 ? 'waits' : 'wait'} for it`,
    ),
    `Ask again in ${duration(retryAfterSeconds)}: if-board next, or let it wait: if-board next --wait 600`,
  ])
}

function holderWords(holder: string): string {
  return holder === 'person' ? 'a person' : printable(holder, 64)
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
