/** Comma-separated values (RFC 4180), safe to open in a spreadsheet and to look at in a terminal. Pure. */
import { printable } from '../model/index.ts'

/** Lines with their ends. The first row is the header. */
export function csvText(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map((cell) => field(cell ?? '')).join(',')}\r\n`).join('')
}

/**
 * A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV Injection": cells that
 * begin with `=`, `+`, `-`, `@`, tab or carriage return). Numbers of ours are no texts from outside.
 */
function field(cell: string | number): string {
  if (typeof cell === 'number') return String(cell)
  const clean = printableLines(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${clean}` : clean
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Of what a terminal would obey, the ends of lines alone stay. */
function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 10_000))
    .join('\n')
}
