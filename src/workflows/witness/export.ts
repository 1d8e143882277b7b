/** `witness export`: entries of the log in the forms that other systems read. */
import type { EpochMs } from '../../model/index.ts'
import { type CloudEvent, toCloudEvent, toRecordCloudEvent } from '../../witness/cloud-event.ts'
import { type OtlpLogRecord, toOtlpBoardRecord, toOtlpRecord } from '../../witness/otlp.ts'
import type { LogEntry } from './log.ts'
import { type LogBook, logEntries } from './log-book.ts'

export interface ExportRequest {
  readonly since?: EpochMs | undefined
  readonly until?: EpochMs | undefined
  /** Folds after this one. */
  readonly sinceFold?: number | undefined
  /** Also what no fold has sealed yet; it comes again once it is sealed. */
  readonly unsealed: boolean
}

/** How far the log goes: what a later export goes on from. */
export interface ExportExtent {
  /** `null`: no fold yet. */
  readonly lastFold: number | null
  /** Events that wait for a fold, and were left out. */
  readonly left: number
}

export function exportExtent({ folds, unsealed }: LogBook, request: ExportRequest): ExportExtent {
  const lastFold = folds.at(-1)?.fold ?? null
  return { lastFold, left: request.unsealed ? 0 : unsealed.length }
}

export async function* exportEntries(book: LogBook, request: ExportRequest): AsyncGenerator<LogEntry> {
  const { unsealed, ...filter } = request
  yield* logEntries(unsealed ? book : { ...book, unsealed: [] }, filter)
}

export function cloudEventOf({ box }: LogBook, entry: LogEntry): CloudEvent {
  return entry.kind === 'event'
    ? toCloudEvent(entry.event, entry.fold)
    : toRecordCloudEvent(entry.record, { boardId: box.boardId, fold: entry.fold })
}

export function otlpRecordOf({ reading }: LogBook, entry: LogEntry): OtlpLogRecord {
  const observedAt = reading.now.wallMs
  return entry.kind === 'event'
    ? toOtlpRecord(entry.event, entry.fold, observedAt)
    : toOtlpBoardRecord(entry.record, entry.fold, observedAt)
}

/** As many at once as collectors take by default. */
const MAX_BATCH = 512

export async function* batches<Item>(items: AsyncIterable<Item>, size = MAX_BATCH): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
