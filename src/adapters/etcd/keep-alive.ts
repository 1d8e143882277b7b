/**
 * Renewals of leases over one stream. etcd answers each request of a stream in turn, with the lease's id.
 *
 * An answer that comes after its caller gave up belongs to that request still, not to the next one of the same lease:
 * the next caller would count from a time at which the lease was not yet renewed. So requests wait in line by lease,
 * and one that nobody waits for any more keeps its place.
 */
import type { Broken, Unknown } from '../../ports/fast-path.ts'
import type { Connection, Duplex } from './connection.ts'
import { STREAMS } from './messages.ts'

export type Renewal =
  | { readonly kind: 'renewed' }
  /** etcd knows no such lease (any more). */
  | { readonly kind: 'over' }
  | Unknown
  | Broken

type Stream = Duplex<(typeof STREAMS.keepAlive)['request'], (typeof STREAMS.keepAlive)['answer']>
type Settle = (renewal: Renewal) => void

export class KeepAlive {
  readonly #connection: Connection
  #stream: Stream | undefined
  /** By lease, the oldest request first; one map for each stream. */
  #waiting = new Map<bigint, Settle[]>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  renew(lease: bigint): Promise<Renewal> {
    const stream = this.#open()
    if ('kind' in stream) return Promise.resolve(stream)
    const line = this.#waiting.get(lease) ?? []
    this.#waiting.set(lease, line)
    return new Promise((resolve) => {
      const { callMs } = this.#connection
      const timer = setTimeout(() => resolve({ kind: 'unknown', reason: `no answer within ${callMs} ms` }), callMs)
      line.push((renewal) => {
        clearTimeout(timer)
        resolve(renewal)
      })
      stream.write({ id: lease })
    })
  }

  #open(): Stream | Broken {
    if (this.#stream !== undefined) return this.#stream
    const stream = this.#connection.open(STREAMS.keepAlive)
    if ('kind' in stream) return stream
    const waiting = new Map<bigint, Settle[]>()
    stream.on('data', ({ id, ttl }) => {
      const line = waiting.get(id)
      line?.shift()?.({ kind: ttl > 0n ? 'renewed' : 'over' })
      if (line?.length === 0) waiting.delete(id)
    })
    const end = (reason: string) => {
      if (this.#stream === stream) this.#stream = undefined
      for (const settle of [...waiting.values()].flat()) settle({ kind: 'unknown', reason })
      waiting.clear()
    }
    stream.on('error', ({ details }: Error & { details?: string }) => end(details ?? 'the stream of renewals failed'))
    stream.on('end', () => end('the stream of renewals ended'))
    this.#waiting = waiting
    this.#stream = stream
    return stream
  }
}
