/** The one function by which a module asks for HTTP: docs/chassis.md has what it takes and answers. */
import { type CallAnswer, callProblem, type HttpCall, MOST_CALL_BYTES } from '../../model/index.ts'
import { WasiError } from '../wasi/errno.ts'
import { GuestMemory, type LinearMemory } from '../wasi/guest-memory.ts'
import { readCall, writeAnswer } from './message.ts'

export const HTTP_MODULE = 'if_board'
export const HTTP_NAME = 'http_request'

/** What the function answers. */
const HTTP = {
  answered: 0,
  denied: 1,
  unreachable: 2,
  cut: 3,
  /** No call, or one that is too large: nobody was asked. */
  malformed: 4,
  /** The answer has more bytes than there is room for; it is kept. */
  small: 5,
  /** No answer is kept. */
  nothing: 6,
  /** An address outside of the module's memory: nobody was asked. */
  fault: 7,
} as const

export interface HttpRequest {
  /** Takes fuel for what the host does for the module. */
  readonly charge: (units: number) => void
  /** Waits for the answer. */
  readonly ask: (call: HttpCall) => CallAnswer
}

export interface HttpHost {
  attach(memory: LinearMemory): void
  /** For code that has no memory of its own to point into. @throws RunEnd without fuel for it */
  call(call: HttpCall): CallAnswer
  /** `(request, request_length, answer, answer_length, length) -> number`; all of them i32. */
  readonly function: (...parameters: number[]) => number
}

/** As a call of WASI, and one unit for every 8 bytes that are moved. */
const CALL_UNITS = 50
const BYTES_PER_UNIT = 8

export function httpHost({ charge, ask }: HttpRequest): HttpHost {
  const memory = new GuestMemory()
  let kept: { readonly number: number; readonly bytes: Uint8Array } | undefined
  /** Into the module's memory, as far as there is room. */
  const give = (at: number, room: number, lengthAt: number): number => {
    if (kept === undefined) return HTTP.nothing
    memory.setU32(lengthAt, kept.bytes.length)
    if (kept.bytes.length > room) return HTTP.small
    memory.bytes(at, kept.bytes.length).set(kept.bytes)
    return kept.number
  }
  const work = (at: number, length: number, answerAt: number, room: number, lengthAt: number): number => {
    // Before anybody is asked: a call that was made is not made again because of an address.
    memory.bytes(answerAt, room)
    memory.bytes(lengthAt, 4)
    if (length === 0) {
      charge((kept?.bytes.length ?? 0) / BYTES_PER_UNIT)
      return give(answerAt, room, lengthAt)
    }
    if (length > MOST_REQUEST_BYTES) return HTTP.malformed
    charge(length / BYTES_PER_UNIT)
    const asked = readCall(memory.bytes(at, length))
    if (asked === undefined || callProblem(asked) !== undefined) return HTTP.malformed
    const answer = ask(asked)
    kept = { number: HTTP[answer.kind], bytes: writeAnswer(answer) }
    charge(kept.bytes.length / BYTES_PER_UNIT)
    return give(answerAt, room, lengthAt)
  }
  return {
    attach: (linear) => memory.attach(linear),
    call(asked) {
      charge(CALL_UNITS + asked.body.length / BYTES_PER_UNIT)
      const answer = ask(asked)
      charge((answer.kind === 'answered' ? answer.body.length : 0) / BYTES_PER_UNIT)
      return answer
    },
    function(...parameters) {
      charge(CALL_UNITS)
      const [at = 0, length = 0, answerAt = 0, room = 0, lengthAt = 0] = parameters.map((value) => value >>> 0)
      try {
        return work(at, length, answerAt, room, lengthAt)
      } catch (error) {
        if (error instanceof WasiError) return HTTP.fault
        throw error
      }
    },
  }
}

/** A body, and a head that may be as long as a head may be. */
const MOST_REQUEST_BYTES = MOST_CALL_BYTES + 16 * 1024
