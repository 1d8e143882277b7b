/** `witness export`: what left the log, and where the next export goes on. Pure. */
import { printable } from '../../model/index.ts'
import { plural } from './words.ts'

export interface ExportReport {
  readonly entries: number
  readonly rejected: number
  readonly lastFold: number | null
  readonly left: number
  readonly to: string | null
}

export function exportText({ entries, rejected, lastFold, left, to }: ExportReport): string {
  const many = entries === 1 ? '1 entry' : `${entries} entries`
  const lines = [
    `${many} exported${to === null ? '' : ` to ${printable(to, 300)}`}.`,
    rejected === 0 ? '' : `The collector rejected ${rejected} of them.`,
    left === 0 ? '' : `${plural(left, 'event')} not sealed yet: they come with a later fold, or with --unsealed.`,
    lastFold === null ? '' : `Last fold: ${lastFold}. The next export goes on with --since-fold ${lastFold}`,
  ]
  return `${lines.filter((line) => line !== '').join('\n')}\n`
}
