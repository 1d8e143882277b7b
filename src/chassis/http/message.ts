/**
 * A call and its answer as bytes in the memory of a module: lines of text as HTTP has them (RFC 9112, section 2.1), with a
 * line feed alone, and behind an empty line the body as it is.
 *
 * ```text
 * call     METHOD SP ALIAS SP PATH LF   *( NAME ":" SP VALUE LF )   LF   body
 * answer   STATUS LF                    *( NAME ":" SP VALUE LF )   LF   body
 * denied   RULE LF REASON
 * ```
 */
import type { CallAnswer, HttpCall, HttpFields } from '../../model/index.ts'

/** Above what `callProblem` lets pass, so that a head without an end is not read to the end. */
const MOST_HEAD_BYTES = 16 * 1024
const LINE_FEED = 10

/** @returns `undefined` for bytes that are no call; its body is a view of them, and what it asks for is not judged here */
export function readCall(bytes: Uint8Array): HttpCall | undefined {
  const end = endOfHead(bytes)
  if (end === undefined) return undefined
  const [first = '', ...lines] = latin1(bytes.subarray(0, end)).split('\n')
  const [method = '', alias = '', path = '', ...more] = first.split(' ')
  const headers = lines.map(readField)
  const known = headers.filter((field) => field !== undefined)
  if (more.length > 0 || known.length < headers.length) return undefined
  return { method, alias, path, headers: known, body: bytes.subarray(end + 2) }
}

/** Where the empty line begins. */
function endOfHead(bytes: Uint8Array): number | undefined {
  const most = Math.min(bytes.length, MOST_HEAD_BYTES)
  for (let at = 1; at < most; at += 1) if (bytes[at] === LINE_FEED && bytes[at - 1] === LINE_FEED) return at - 1
  return undefined
}

function readField(line: string): HttpFields[number] | undefined {
  const colon = line.indexOf(':')
  return colon < 1 ? undefined : [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

export function writeAnswer(answer: CallAnswer): Uint8Array {
  if (answer.kind === 'denied') return utf8(`${answer.rule}\n${answer.reason}`)
  if (answer.kind !== 'answered') return utf8(answer.reason)
  const { status, headers, body } = answer
  const head = utf8([status, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\n'))
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

const utf8 = (text: string) => new TextEncoder().encode(text)
const latin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
