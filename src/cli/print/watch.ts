/** Events of the watcher as lines for people, and as JSON lines. Pure. */
import type { Totals } from '../../graph/index.ts'
import { printable } from '../../model/index.ts'
import type { WatchEvent } from '../../workflows/watch/events.ts'
import { fit, type Ink, type Page } from './page.ts'
import { duration } from './words.ts'

/** `hour` is the person's own clock, such as `14:02:31`. One line, or two where there is something to type. */
export function watchLine(event: WatchEvent, hour: string, ink: Ink): string {
  const { words, hint } = wordsOf(event)
  const line = `${ink.dim(hour)}  ${inkOf(event, ink)(printable(words, 500))}`
  return hint === null ? `${line}\n` : `${line}\n          ${ink.dim(`try: ${printable(hint, 300)}`)}\n`
}

export interface Standing {
  readonly totals: Totals
  /** Why nothing newer is known. */
  readonly trouble: string | undefined
  /** Of the newest look. */
  readonly hour: string
}

/** How things stand, in one line that is narrower than the window. */
export function totalsLine({ totals, trouble, hour }: Standing, { width, ink }: Page): string {
  const counts = (['claimed', 'ready', 'blocked', 'review', 'paused'] as const)
    .filter((status) => totals[status] > 0)
    .map((status) => `${totals[status]} ${status}`)
  const words = [`${totals.done} of ${totals.total} done`, ...counts, trouble ?? `looked at ${hour}`, 'Ctrl-C: end']
  return ink.dim(fit(words.join(' · '), width - 1))
}

interface Words {
  readonly words: string
  readonly hint: string | null
}

function wordsOf(event: WatchEvent): Words {
  switch (event.event) {
    case 'started':
      return plain(`watching the boards (authority: ${event.authority})`)
    case 'listening':
      return plain(`answers at ${event.url}/healthz and ${event.url}/metrics`)
    case 'task':
      return plain(`${event.task}  ${event.to}${by(event.session)}  ${event.title}`)
    case 'folded':
      return plain(`folded: ${event.written} rows written, ${event.sealed} events sealed, ${event.swept} refs swept`)
    case 'alarm':
      return { words: event.message, hint: event.hint }
    case 'alarm-ended':
      return plain(`over: ${event.alarm} ${event.task ?? event.session ?? ''}`)
    case 'ran':
      return plain(`ran ${event.task}: ${event.outcome}; ${event.message}`)
    case 'switch-begun':
      return plain(`claims go to ${event.to}: ${event.reason}`)
    case 'remote-gone':
      return plain(`${event.message}; asked again until it does`)
    case 'remote-back':
      return plain(`the remote answers again, after ${duration(event.seconds)}`)
    case 'saved':
      return plain(`pushed what you saved: ${event.files.join(', ')}`)
    case 'brought':
      return plain(`your checkout ${event.folder} is up to date`)
    case 'not-saved':
    case 'trouble':
      return { words: `${event.message} [${event.code}]`, hint: event.hint }
  }
}

function plain(words: string): Words {
  return { words, hint: null }
}

function by(session: string | null): string {
  return session === null ? '' : ` (${session})`
}

function inkOf({ event }: WatchEvent, ink: Ink): (text: string) => string {
  if (event === 'alarm' || event === 'trouble' || event === 'not-saved' || event === 'remote-gone') return ink.bad
  return event === 'task' ? ink.bold : ink.dim
}
