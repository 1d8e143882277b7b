/** How wide and in which colours a view is drawn: as the terminal is, or wide and plain for a reader of files. */
import { COLOR_INK, type Page, PLAIN_INK } from './print/page.ts'
import type { Shell } from './shell.ts'

const NO_TERMINAL_COLUMNS = 120

export function pageOf({ columns, color }: Shell): Page {
  return { width: columns ?? NO_TERMINAL_COLUMNS, ink: color ? COLOR_INK : PLAIN_INK }
}
