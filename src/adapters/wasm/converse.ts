/**
 * What supervisor and process say to each other in one run. The process asks and waits, the supervisor answers:
 *
 * ```text
 * order ─▶ listening ─▶ report: the end
 *             ▲  │
 *             │  └ call ─▶ asking ─▶ answer ┐
 *             │              └─▶ the end, when the process says anything meanwhile
 *             └─────────────────────────────┘
 * ```
 * A process that a module broke out into may say anything at any time. What is out of turn, not granted, or not what a call
 * looks like ends the run.
 */
import { type CallAnswer, MOST_CALL_BYTES } from '../../model/index.ts'
import type { CallDesk } from './call-desk.ts'
import type { Frame } from './frame.ts'
import type { GuestEnd, GuestProcess } from './guest-process.ts'
import { answerFrame, isCall, readCallFrame } from './http-frames.ts'

export interface Talk {
  readonly order: Frame
  /** Of a report. */
  readonly mostBytes: number
  /** Absent: it was granted no call. */
  readonly desk: CallDesk | undefined
  /** The run is over, whatever was asked. */
  readonly stop: AbortSignal
}

export async function converse(guest: GuestProcess, { order, mostBytes, desk, stop }: Talk): Promise<GuestEnd> {
  guest.say(order)
  const most = Math.max(mostBytes, desk === undefined ? 0 : MOST_CALL_BYTES + HEADER_BYTES)
  for (;;) {
    const heard = await guest.hear(most)
    if (!isFrame(heard) || !isCall(heard)) return heard
    if (desk === undefined) return { broken: 'its process asked for HTTP, which was not granted' }
    const call = readCallFrame(heard)
    if (call === undefined) return { broken: 'its process asked for HTTP by a call that is none' }
    const answer = await Promise.race([desk.answer(call, stop), guest.outOfTurn])
    if (!isAnswer(answer)) return answer
    guest.say(answerFrame(answer))
  }
}

/** Of a call's head; what it may hold is less. */
const HEADER_BYTES = 64 * 1024

function isFrame(end: GuestEnd): end is Frame {
  return 'header' in end
}

function isAnswer(answer: CallAnswer | GuestEnd): answer is CallAnswer {
  return 'kind' in answer
}
