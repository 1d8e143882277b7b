/** Bytes at the pace of whoever takes them. */
import type { Writable } from 'node:stream'

/** Resolves when there is room for more; rejects when the stream is gone, or with the reason of the signal. */
export async function written(to: Writable, chunk: Buffer, over?: AbortSignal): Promise<void> {
  over?.throwIfAborted()
  if (to.destroyed || to.writableEnded) throw new Error('the stream is gone')
  if (chunk.length === 0 || to.write(chunk)) return
  await new Promise<void>((resolve, reject) => {
    const settle = (by: () => void) => {
      to.off('drain', drained)
      to.off('close', gone)
      over?.removeEventListener('abort', gone)
      by()
    }
    const drained = () => settle(resolve)
    const gone = () => settle(() => reject(over?.reason ?? new Error('the stream is gone')))
    to.once('drain', drained)
    to.once('close', gone)
    over?.addEventListener('abort', gone)
  })
}

/** The outcome of the work, unless the signal comes first: then its reason. */
export function until<T>(over: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(over.reason)
    if (over.aborted) aborted()
    over.addEventListener('abort', aborted, { once: true })
    work.then(resolve, reject).finally(() => over.removeEventListener('abort', aborted))
  })
}
