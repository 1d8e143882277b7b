/** `witness cost`: sums as a table, as JSON, as rows for a spreadsheet. Pure. */
import { type MicroUsd, microUsdText } from '../../witness/cost.ts'
import type { CostRow, Costs } from '../../workflows/witness/costs.ts'
import { csvText } from '../csv.ts'
import { type Cell, type Page, table } from './page.ts'

const UNKNOWN: Readonly<Record<Costs['by'], string>> = {
  session: '(no session)',
  task: '(no task)',
  model: '(no model named)',
  day: '(no day)',
}

export function costText({ by, rows, total }: Costs, page: Page): string {
  if (rows.length === 0) return 'Nothing was reported, and no grant has ended.\n'
  const columns = COLUMNS.filter(({ sum, always }) => always || sum(total) > 0n)
  const heads = [by, ...columns.map(({ head }) => head), 'work', 'tokens in', 'tokens out']
  const lines = [...rows, { ...total, name: 'total', board: undefined }].map((row) => cellsOf(row, by, columns))
  const widths = heads.map((head, at) => Math.max(head.length, ...lines.map((cells) => cells[at]?.length ?? 0)))
  const toRight = (text: string, at: number): Cell => ({ text: at === 0 ? text : text.padStart(widths[at] ?? 0) })
  const painted = (cells: readonly string[], paint: Cell['paint']) =>
    cells.map((text, at) => ({ ...toRight(text, at), paint }))
  const shown = [
    painted(heads, page.ink.dim),
    ...lines.map((cells, at) => painted(cells, at === lines.length - 1 ? page.ink.bold : undefined)),
  ]
  return `${table(shown, page, 0, 0).join('\n')}\n`
}

interface Column {
  readonly head: string
  readonly sum: (row: CostRow) => MicroUsd
  /** Few fleets have figures of tools; the others need no column for them. */
  readonly always: boolean
}

const COLUMNS: readonly Column[] = [
  { head: 'reported', sum: ({ reported }) => reported, always: true },
  { head: 'otel', sum: ({ told }) => told, always: false },
  { head: 'transcript', sum: ({ measured }) => measured, always: false },
  { head: 'estimated', sum: ({ estimated }) => estimated, always: true },
]

function cellsOf(row: CostRow, by: Costs['by'], columns: readonly Column[]): string[] {
  return [
    row.name === '' ? UNKNOWN[by] : row.name,
    ...columns.map(({ head, sum }) => (head === 'reported' ? reportedText(row) : moneyText(sum(row)))),
    workTime(row.workMs),
    row.inputTokens === 0 ? '-' : String(row.inputTokens),
    row.outputTokens === 0 ? '-' : String(row.outputTokens),
  ]
}

function moneyText(micro: MicroUsd): string {
  return micro === 0n ? '-' : `$${microUsdText(micro)}`
}

/** Nothing was said of money: not known, which is not the same as nothing. */
function reportedText({ reports, unpriced, reported, told, measured }: CostRow): string {
  const priced = reports - unpriced
  return priced === 0 || (reported === 0n && told + measured > 0n) ? '-' : `$${microUsdText(reported)}`
}

/** `1:02:03`: hours, minutes, seconds. */
function workTime(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`
}

export function costJson({ by, rows, total }: Costs): object {
  return { kind: 'cost', by, rows: rows.map(rowJson), total: rowJson(total) }
}

function rowJson({ name, board, ...row }: CostRow): object {
  return {
    name: name === '' ? null : name,
    ...(board === undefined ? {} : { board }),
    reports: row.reports,
    unpricedReports: row.unpriced,
    reportedUsd: Number(microUsdText(row.reported)),
    otelUsd: Number(microUsdText(row.told)),
    transcriptUsd: Number(microUsdText(row.measured)),
    estimatedUsd: Number(microUsdText(row.estimated)),
    workSeconds: row.workMs / 1000,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
  }
}

export function costCsv({ by, rows }: Costs): string {
  return csvText([
    [
      by,
      'board',
      'reports',
      'reported_usd',
      'estimated_usd',
      'work_seconds',
      'input_tokens',
      'output_tokens',
      'transcript_usd',
      'unpriced_reports',
      'otel_usd',
    ],
    ...rows.map((row) => [
      row.name,
      row.board,
      row.reports,
      microUsdText(row.reported),
      microUsdText(row.estimated),
      row.workMs / 1000,
      row.inputTokens,
      row.outputTokens,
      microUsdText(row.measured),
      row.unpriced,
      microUsdText(row.told),
    ]),
  ])
}
