/**
 * Entries of the log as OTLP logs, for a collector of OpenTelemetry.
 *
 * Sources: `opentelemetry/proto/logs/v1/logs.proto` and the OTLP specification (github.com/open-telemetry/
 * opentelemetry-proto), "JSON Protobuf Encoding": names in lowerCamelCase, trace and span ids hexadecimal, 64-bit
 * integers as decimal strings, enums as numbers. Attribute names are those of the semantic conventions where there is
 * one (`session.*`, `cloudevents.*`, `vcs.*`, `gen_ai.*`, `log.record.original`), else they begin with `if_board.`.
 */
import { type EpochMs, type EventType, type SignedEvent, splitTaskKey } from '../model/index.ts'
import { canonicalJson } from './canonical-json.ts'
import type { BoardRecord } from './checkpoint.ts'
import { costOf } from './cost.ts'
import { eventType } from './event-shape.ts'
import { parseTime } from './time.ts'
import { parseTraceparent } from './trace.ts'

export interface AnyValue {
  readonly stringValue?: string
  /** Decimal. */
  readonly intValue?: string
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

export interface OtlpLogRecord {
  /** Nanoseconds since 1970, decimal. */
  readonly timeUnixNano: string
  readonly observedTimeUnixNano: string
  /** 9 INFO, 13 WARN. */
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  readonly body: AnyValue
  readonly attributes: readonly KeyValue[]
  readonly traceId?: string
  readonly spanId?: string
  readonly flags?: number
}

/** `ExportLogsServiceRequest`. */
export interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] }
    readonly scopeLogs: readonly {
      readonly scope: { readonly name: string; readonly version: string }
      readonly logRecords: readonly OtlpLogRecord[]
    }[]
  }[]
}

export interface OtlpSource {
  readonly boardId: string
  /** Of this program. */
  readonly version: string
}

const NAME = 'if-board'
const INFO = { severityNumber: 9, severityText: 'INFO' }
const WARN = { severityNumber: 13, severityText: 'WARN' }
/** What somebody who runs a fleet may want to be woken by. */
const WARNINGS: ReadonlySet<EventType> = new Set<EventType>([
  'steal',
  'fail',
  'block',
  'revoked',
  'denied',
  'breaker',
  'key-revoked',
])

export function toOtlpLogs({ boardId, version }: OtlpSource, logRecords: readonly OtlpLogRecord[]): OtlpLogs {
  const resource = {
    attributes: attributes({ 'service.name': NAME, 'service.version': version, 'if_board.board.id': boardId }),
  }
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: NAME, version }, logRecords }] }] }
}

/** @param observedAt  when this program read the log */
export function toOtlpRecord(event: SignedEvent, fold: number | undefined, observedAt: EpochMs): OtlpLogRecord {
  const { traceparent, data } = event
  const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
  const type = eventType(event)
  return {
    timeUnixNano: nanos(parseTime(data.happened ?? event.time) ?? 0),
    observedTimeUnixNano: nanos(observedAt),
    ...(WARNINGS.has(type) ? WARN : INFO),
    eventName: event.type,
    body: { stringValue: [event.session, type, ...(event.subject === undefined ? [] : [idOf(event)])].join(' ') },
    attributes: attributes({
      'session.id': event.session,
      'cloudevents.event_id': event.id,
      'cloudevents.event_source': event.source,
      'cloudevents.event_spec_version': event.specversion,
      'cloudevents.event_type': event.type,
      'cloudevents.event_subject': event.subject,
      'if_board.session.key': event.sessionkey,
      'if_board.session.sequence': whole(event.sequence),
      'if_board.fold': whole(fold),
      ...factsOf(event),
      'log.record.original': canonicalJson(event),
    }),
    ...(trace === undefined ? {} : { ...trace, flags: 1 }),
  }
}

function factsOf(event: SignedEvent): Readonly<Record<string, Value>> {
  const { task, epoch, from, reason, blocker, rule, breaker, score, evidence, model } = event.data
  const cost = costOf(event)
  return {
    'if_board.task.id': task?.id,
    'if_board.task.board': task?.board,
    'if_board.task.title': task?.title,
    'if_board.task.epoch': whole(epoch),
    'if_board.from': from,
    'if_board.reason': reason ?? blocker,
    'if_board.rule': rule ?? breaker?.rule,
    'if_board.breaker.name': breaker?.name,
    'if_board.breaker.to': breaker?.to,
    'if_board.score': score,
    'if_board.note': evidence?.note,
    'if_board.evidence': evidence?.reference,
    'vcs.ref.head.name': evidence?.branch,
    'vcs.ref.head.revision': evidence?.commit,
    'if_board.cost.usd': cost?.usd,
    'if_board.cost.seconds': cost?.seconds,
    'gen_ai.request.model': cost?.model ?? model,
    'gen_ai.usage.input_tokens': whole(cost?.inputTokens),
    'gen_ai.usage.output_tokens': whole(cost?.outputTokens),
  }
}

function idOf({ subject }: SignedEvent): string {
  return subject === undefined ? '' : splitTaskKey(subject).id
}

/** A change of the boards; its fold’s checkpoint signs it. */
export function toOtlpBoardRecord(record: BoardRecord, fold: number, observedAt: EpochMs): OtlpLogRecord {
  return {
    timeUnixNano: nanos(parseTime(record.time) ?? 0),
    observedTimeUnixNano: nanos(observedAt),
    ...INFO,
    eventName: `if-board.${record.kind}`,
    body: { stringValue: `${record.author} ${record.kind}` },
    attributes: attributes({
      'vcs.ref.head.revision': record.commit,
      'if_board.author': record.author,
      'if_board.fold': whole(fold),
      'if_board.changes': whole(record.changes.length + (record.more ?? 0)),
      'log.record.original': canonicalJson(record),
    }),
  }
}

type Value = string | number | bigint | undefined

/** A whole number is another type of value than a decimal one. */
function whole(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}

function attributes(fields: Readonly<Record<string, Value>>): KeyValue[] {
  return Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  )
}

function anyValue(value: Exclude<Value, undefined>): AnyValue {
  if (typeof value === 'bigint') return { intValue: String(value) }
  return typeof value === 'number' ? { doubleValue: value } : { stringValue: value }
}

function nanos(at: EpochMs): string {
  return String(BigInt(Math.max(0, Math.round(at))) * 1_000_000n)
}
