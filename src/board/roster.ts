/** The roster table of `agents.md`: who works here, with which skills and model. */

import type { BoardName } from '../model/index.ts'
import { readBlocks } from './blocks.ts'
import { valueText, wordList } from './fields.ts'
import { plainText } from './inline.ts'
import { guard } from './limits.ts'
import { lineStarts, type Source, type Span } from './source.ts'

interface RosterRow {
  /** As written, such as `session-4` or `Session 4 (SIP)`. */
  readonly session: string
  readonly capabilities: readonly string[]
  readonly model: string | undefined
}

const SESSION = new Set(['session', 'agent', 'name', 'who'])
const CAPABILITIES = new Set(['capabilities', 'can', 'skills', 'role', 'needs'])
const MAX_ROWS = 1000

/** Rows of the first table that has a session column and a capabilities or model column. */
export function parseRoster(text: string): RosterRow[] {
  return readRoster(text).rows.map(({ row }) => row)
}

export interface ReadRoster {
  readonly source: Source
  /** `cell` is where the row's capabilities stand. */
  readonly rows: readonly { readonly row: RosterRow; readonly cell: Span | undefined }[]
}

/** The same, with places. */
export function readRoster(text: string): ReadRoster {
  const source = { text, name: 'agents.md' as BoardName }
  return { source, rows: rowsOf(source) }
}

function rowsOf(source: Source): ReadRoster['rows'] {
  const { text } = source
  const safe = guard(source, source.name).text
  for (const block of safe === undefined ? [] : readBlocks(safe, lineStarts(source)).blocks) {
    if (block.kind !== 'table') continue
    const names = block.header.cells.map((cell) => plainText(text.slice(cell.start, cell.end), 60).toLowerCase())
    const column = (wanted: (name: string) => boolean) => names.findIndex(wanted)
    const session = column((name) => SESSION.has(name))
    const capabilities = column((name) => CAPABILITIES.has(name))
    const model = column((name) => name === 'model')
    if (session < 0 || (capabilities < 0 && model < 0)) continue
    return block.rows.slice(0, MAX_ROWS).flatMap((row) => {
      const cell = (at: number) => {
        const found = row.cells[at]
        return found === undefined ? undefined : text.slice(found.start, found.end)
      }
      const name = valueText(cell(session), 100)
      if (name === undefined) return []
      const said = { session: name, capabilities: wordList(cell(capabilities)), model: valueText(cell(model), 100) }
      return [{ row: said, cell: row.cells[capabilities] }]
    })
  }
  return []
}
