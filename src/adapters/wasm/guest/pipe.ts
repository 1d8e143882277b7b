/**
 * The two pipes to the supervisor: what it says on standard input, what is said to it on standard output.
 *
 * Reading and writing wait: this process has nothing else to do, and a module that calls must not go on before it is
 * answered. Nothing here touches `process.stdin`, which would make a stream of the pipe and read ahead.
 */
import { readSync, writeSync } from 'node:fs'
import type { CallAnswer, HttpCall } from '../../../model/index.ts'
import { encodeFrame, type Frame, FrameReader } from '../frame.ts'
import { callFrame, readAnswerFrame } from '../http-frames.ts'

const STDIN = 0
const STDOUT = 1
const PIECE_BYTES = 65_536
/** The supervisor is trusted, but a broken message should not fill the memory. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1
/** Without a supervisor, or with words that are none, there is nobody to say anything to. */
const NOBODY = 2

export function askSupervisor(call: HttpCall): CallAnswer {
  say(callFrame(call))
  return readAnswerFrame(hear())
}

export function say(message: Frame): void {
  for (const part of encodeFrame(message)) writeAll(part)
}

/** The next message; the process ends where there is none. */
export function hear(): Frame {
  const reader = new FrameReader(MAX_MESSAGE_BYTES)
  for (;;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const length = readPiece(piece)
    const message = length === 0 ? 'broken' : reader.add(piece.subarray(0, length))
    if (message === 'broken') process.exit(NOBODY)
    if (message !== undefined) return message
  }
}

/** @returns 0 at its end */
function readPiece(piece: Buffer): number {
  return waiting(() => readSync(STDIN, piece))
}

function writeAll(bytes: Uint8Array): void {
  let at = 0
  while (at < bytes.length) at += waiting(() => writeSync(STDOUT, bytes, at))
}

/** A pipe may not wait by itself; then it says so, and is asked again. */
function waiting(work: () => number): number {
  for (;;) {
    try {
      return work()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // How Windows tells of a pipe whose other end is closed.
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
