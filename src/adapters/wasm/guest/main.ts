/**
 * The program of the single-use process: reads one order from standard input, runs its module, writes one report to
 * standard output, ends. Started by `../guest-process.ts`, with Node's permission model and an empty environment.
 */
import { writeSync } from 'node:fs'
import { encodeFrame, FrameReader } from '../frame.ts'
import { readOrder } from '../order.ts'
import { watchLifeline } from './lifeline.ts'
import { runOrder } from './run-order.ts'

/** Its supervisor is trusted, but a broken message should not fill the memory. */
const MAX_ORDER_BYTES = 2 ** 31 - 1
const STDOUT = 1

function main(): void {
  watchLifeline()
  const reader = new FrameReader(MAX_ORDER_BYTES)
  process.stdin.on('data', (piece: Buffer) => {
    const frame = reader.add(piece)
    if (frame === undefined) return
    process.stdin.pause()
    if (frame === 'broken') process.exit(2)
    void runOrder(readOrder(frame)).then((report) => {
      for (const part of encodeFrame(report)) writeAll(part)
      process.exit(0)
    })
  })
}

/** A pipe may not wait for its reader; then it says so, and is asked again. */
function writeAll(bytes: Uint8Array): void {
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(STDOUT, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

main()
