/** What a tool writes to the standard input of its hook. */
import type { HookInput } from './tool.ts'

/** Bytes that are looked at. What is longer is read to its end, so that the tool can write it, and not understood. */
export const MAX_INPUT_BYTES = 1 << 20

/** All of a stream up to the limit; `undefined` beyond it, or where it does not end in time. */
export async function readInput(stream: NodeJS.ReadableStream, patienceMs: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  const ended = new Promise<'ended'>((resolve) => {
    stream.on('data', (chunk: Buffer | string) => {
      bytes += chunk.length
      if (bytes <= MAX_INPUT_BYTES) chunks.push(Buffer.from(chunk as Buffer))
    })
    stream.on('end', () => resolve('ended'))
    stream.on('error', () => resolve('ended'))
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), patienceMs)
  })
  const outcome = await Promise.race([ended, late])
  clearTimeout(timer)
  return outcome === 'late' || bytes > MAX_INPUT_BYTES ? undefined : Buffer.concat(chunks)
}

/** A JSON object, a byte order mark before it or not; `undefined` for anything else. */
export function parseInput(bytes: Buffer): HookInput | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as HookInput) : undefined
  } catch {
    return undefined
  }
}
