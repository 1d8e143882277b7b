/** A call for HTTP out of the process of a module, and its answer into it, as messages. */
import { type CallAnswer, callProblem, type HttpCall, type HttpFields } from '../../model/index.ts'
import type { Frame } from './frame.ts'

const NO_BODY = new Uint8Array(0)

export function callFrame({ body, ...head }: HttpCall): Frame {
  return { header: { http: head }, parts: [body] }
}

/** A report has no `http`. */
export function isCall({ header }: Frame): boolean {
  return header.http !== undefined
}

/** @returns `undefined` for what no honest process sends: it may be broken out of */
export function readCallFrame({ header, parts }: Frame): HttpCall | undefined {
  const { http } = header
  const [body, ...more] = parts
  if (typeof http !== 'object' || http === null || body === undefined || more.length > 0) return undefined
  const { method, alias, path, headers } = http as Readonly<Record<string, unknown>>
  if (typeof method !== 'string' || typeof alias !== 'string' || typeof path !== 'string') return undefined
  if (!isFields(headers)) return undefined
  const call: HttpCall = { method, alias, path, headers, body }
  return callProblem(call) === undefined ? call : undefined
}

function isFields(value: unknown): value is HttpFields {
  const isText = (one: unknown) => typeof one === 'string'
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText))
}

export function answerFrame(answer: CallAnswer): Frame {
  if (answer.kind !== 'answered') return { header: { answer }, parts: [NO_BODY] }
  const { body, ...head } = answer
  return { header: { answer: head }, parts: [body] }
}

/** Of what `answerFrame` made. */
export function readAnswerFrame({ header, parts }: Frame): CallAnswer {
  const answer = header.answer as CallAnswer
  return answer.kind === 'answered' ? { ...answer, body: parts[0] ?? NO_BODY } : answer
}
