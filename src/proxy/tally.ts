/** What becomes of calls in the log: rows that add up, so that 10,000 calls are one event. */
import type { ProxyRequests, ProxyRule, ProxyUse } from '../model/index.ts'

/** One exchange or tunnel that is over, or was refused. */
export interface Call {
  readonly alias: string
  readonly method: string
  /** Absent: it was passed on and ended by itself. */
  readonly rule?: ProxyRule
  readonly sent: number
  readonly received: number
  /** Decoded, without query; absent for tunnels. */
  readonly path?: string
  /** SHA-256 of the module that asked, by a capability for its calls alone. */
  readonly module?: string | undefined
}

/** Rows of one claim; calls that find no row are counted alone. */
const MAX_ROWS = 32
const MAX_PATHS = 5
const MAX_PATH = 200

export class Tally {
  readonly #rows = new Map<string, ProxyUse>()
  #more = 0

  add({ alias, method, rule, sent, received, path, module }: Call): void {
    const name = `${alias} ${method} ${rule ?? ''} ${module ?? ''}`
    const row = this.#rows.get(name)
    if (row === undefined && this.#rows.size >= MAX_ROWS) {
      this.#more += 1
      return
    }
    const verdict = rule === undefined ? { verdict: 'allow' as const } : { verdict: 'refuse' as const, rule }
    const by = module === undefined ? {} : { module }
    const before = row ?? { alias, method, ...verdict, ...by, calls: 0, sent: 0, received: 0 }
    const paths = pathsWith(before.paths ?? [], path)
    this.#rows.set(name, {
      ...before,
      calls: before.calls + 1,
      sent: before.sent + sent,
      received: before.received + received,
      ...(paths.length === 0 ? {} : { paths }),
    })
  }

  /** @param of  whose calls, and the process that counts them */
  requests(of: Pick<ProxyRequests, 'proxy' | 'claim'>): ProxyRequests {
    return { ...of, uses: [...this.#rows.values()], ...(this.#more === 0 ? {} : { more: this.#more }) }
  }
}

function pathsWith(paths: readonly string[], path: string | undefined): readonly string[] {
  const shown = path?.slice(0, MAX_PATH)
  if (shown === undefined || paths.includes(shown) || paths.length >= MAX_PATHS) return paths
  return [...paths, shown]
}
