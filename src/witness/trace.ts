/**
 * Where an event stands in the traces of W3C Trace Context: one trace per task, one span per grant.
 *
 * Sources: W3C Trace Context, level 1 (w3.org/TR/trace-context-1), §3.2 for the text `00-<trace>-<span>-01`; the
 * distributed tracing extension of CloudEvents for the attribute that carries it. Nobody has to hand a trace on: its id
 * follows from board and task, so every clone, every tool and every later reader finds the same one.
 *
 * A span begins with a `claim` or `steal` and is named by the first half of that event's id; what ends the grant goes on
 * in it. Everything else that is said about a task is a span of its own.
 */
import type { EventBody, Sha256, SignedEvent, TaskKey } from '../model/index.ts'

const TRACE_DIGITS = 32
const SPAN_DIGITS = 16
/** Version 00; flags 01: recorded. A trace or span of zeros alone is invalid. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-01$/

/** 32 hexadecimal digits. That they all are 0, which would be no trace id, has a chance of one in 2^128. */
export function traceIdOf(boardId: string, key: TaskKey, sha256: Sha256): string {
  return sha256(`if-board-trace\n${boardId}\n${key}`).slice(0, TRACE_DIGITS)
}

export function traceparent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`
}

/** Trace and span of a text; `undefined` for anything that `traceparent` would not have written so. */
export function parseTraceparent(text: string): { readonly traceId: string; readonly spanId: string } | undefined {
  const [, traceId, spanId] = TRACEPARENT.exec(text) ?? []
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId }
}

/** The span of an event with this id: of the grant that it ends, else its own. */
export function spanIdOf(id: EventBody['id'], ended: SignedEvent | undefined): string {
  const grant = ended?.traceparent === undefined ? undefined : parseTraceparent(ended.traceparent)
  return grant?.spanId ?? id.slice(0, SPAN_DIGITS)
}
