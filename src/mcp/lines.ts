/** Lines of the protocol, each at most so long: what a client sends is held in memory only up to there. */
import { Transform, type TransformCallback } from 'node:stream'

/** Bytes. The longest request that has a use, a text of 4,000 characters in each argument, has less than 100 KiB. */
export const LONGEST_LINE = 1_048_576
const LINE_FEED = 0x0a

/**
 * Passes whole lines on, with their ends; a longer one is dropped, reported once, and what follows it is read again. A
 * line without an end is half a message of a client that went away: dropped as well.
 */
export function boundedLines(report: (problem: string) => void): Transform {
  let kept: Buffer[] = []
  let bytes = 0
  let dropping = false
  const add = (part: Buffer) => {
    bytes += part.length
    if (!dropping && bytes > LONGEST_LINE) {
      dropping = true
      report(`a line of more than ${LONGEST_LINE} bytes was dropped`)
    }
    if (dropping) kept = []
    else kept.push(part)
  }
  return new Transform({
    transform(chunk: Buffer, _, done: TransformCallback) {
      let start = 0
      for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
        add(chunk.subarray(start, at + 1))
        if (!dropping) this.push(Buffer.concat(kept))
        kept = []
        bytes = 0
        dropping = false
        start = at + 1
      }
      if (start < chunk.length) add(chunk.subarray(start))
      done()
    },
  })
}
