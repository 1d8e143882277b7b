/** What every view is printed with: the width of the terminal, colours, tables that fit. Pure. */
import { printable, type TaskStatus } from '../../model/index.ts'
import { stringWidth } from '../terminal/string-width.ts'

type Paint = (text: string) => string

/** Colours by meaning; each gives the text back with or without escape sequences around it. */
export interface Ink {
  readonly bold: Paint
  readonly dim: Paint
  readonly good: Paint
  readonly busy: Paint
  readonly open: Paint
  readonly aside: Paint
  readonly bad: Paint
}

export interface Page {
  /** Columns of the terminal. */
  readonly width: number
  readonly ink: Ink
}

const same: Paint = (text) => text
export const PLAIN_INK: Ink = { bold: same, dim: same, good: same, busy: same, open: same, aside: same, bad: same }

/** Select Graphic Rendition of ECMA-48, 8.3.117. */
const sgr =
  (on: number, off: number): Paint =>
  (text) =>
    text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`
export const COLOR_INK: Ink = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  busy: sgr(33, 39),
  open: sgr(36, 39),
  aside: sgr(35, 39),
  bad: sgr(31, 39),
}

const ICONS: Readonly<Record<TaskStatus, readonly [icon: string, ink: keyof Ink]>> = {
  done: ['✓', 'good'],
  review: ['◇', 'good'],
  claimed: ['●', 'busy'],
  ready: ['○', 'open'],
  blocked: ['·', 'dim'],
  paused: ['=', 'aside'],
  unknown: ['?', 'bad'],
  cancelled: ['×', 'dim'],
}

export function iconOf(status: TaskStatus): string {
  return ICONS[status][0]
}

export function inkOf(status: TaskStatus, ink: Ink): Paint {
  return ink[ICONS[status][1]]
}

/** Text of others in at most `columns` columns, without control characters; `…` stands for what was cut. */
export function fit(text: string, columns: number): string {
  const clean = printable(text, 2000)
  if (stringWidth(clean) <= columns) return clean
  let kept = ''
  let used = 0
  for (const { segment } of new Intl.Segmenter().segment(clean)) {
    used += stringWidth(segment)
    if (used > columns - 1) break
    kept += segment
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`
}

export interface Cell {
  readonly text: string
  readonly paint?: Paint | undefined
}

const GAP = 2
const NARROWEST = 8

/**
 * Rows of columns as wide as their widest cell. Where the page is too narrow, the column `flexible`
 * gives way first, then the widest others; the last cell of a row is not padded.
 */
export function table(rows: readonly (readonly Cell[])[], page: Page, flexible: number, indent = 2): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [at, { text }] of row.entries())
      widths[at] = Math.max(widths[at] ?? 0, stringWidth(printable(text, 2000)))
  shrink(widths, page.width - indent - GAP * Math.max(0, widths.length - 1), flexible)
  return rows.map((row) => {
    const cells = row.map(({ text, paint = same }, at) => {
      const shown = fit(text, widths[at] ?? 0)
      const space = at === row.length - 1 ? 0 : (widths[at] ?? 0) - stringWidth(shown)
      return `${paint(shown)}${' '.repeat(Math.max(0, space))}`
    })
    return `${' '.repeat(indent)}${cells.join(' '.repeat(GAP))}`.trimEnd()
  })
}

function shrink(widths: number[], room: number, flexible: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, 0)
  const give = (at: number, least: number) => {
    const width = widths[at]
    if (width !== undefined && width > least) widths[at] = Math.max(least, width - Math.max(0, total() - room))
  }
  give(flexible, NARROWEST)
  const widest = widths.map((width, at) => ({ width, at })).sort((a, b) => b.width - a.width)
  for (const { at } of widest) give(at, NARROWEST)
}

/** A long line in pieces of the page's width, broken at spaces; the pieces after the first are indented. */
export function wrap(text: string, page: Page, indent = 2): string[] {
  const room = Math.max(20, page.width - indent)
  const lines: string[] = []
  let line = ''
  for (const word of printable(text, 5000).split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each, at) => `${' '.repeat(at === 0 ? 0 : indent)}${each}`)
}

/** Filled to a share in [0, 1]. */
export function bar(share: number, columns: number, { good, dim }: Ink): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * columns)
  return `${good('█'.repeat(filled))}${dim('░'.repeat(columns - filled))}`
}

/** Minutes of work: `45min`, `6h`, `1h 30min`. */
export { duration as workTime } from '../../projection/index.ts'
