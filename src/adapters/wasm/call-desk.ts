/** The calls of one run: counted, held against what was granted, passed on. */
import type { CallAnswer, HttpCall, HttpUse } from '../../model/index.ts'
import type { ModuleHttp } from '../../ports/index.ts'

/** Of calls to whatever was not granted: a module chose their names. */
const OTHERS = '-'

export class CallDesk {
  readonly #http: ModuleHttp
  readonly #uses = new Map<string, HttpUse>()
  #calls = 0

  constructor(http: ModuleHttp) {
    this.#http = http
  }

  async answer(call: HttpCall, stop: AbortSignal): Promise<CallAnswer> {
    this.#calls += 1
    const denial = this.#denial(call)
    // Counted before it is answered: a run may end while it waits.
    this.#add(call, { calls: 1, sent: denial === undefined ? call.body.length : 0 })
    const answer = denial ?? (await this.#http.egress.ask(call, stop))
    this.#add(call, answer.kind === 'answered' ? { received: answer.body.length } : { [answer.kind]: 1 })
    return answer
  }

  get uses(): readonly HttpUse[] {
    return [...this.#uses.values()]
  }

  /** What the proxy need not be asked for; it would refuse the same. */
  #denial({ alias }: HttpCall): CallAnswer | undefined {
    if (!this.#http.aliases.includes(alias))
      return { kind: 'denied', rule: 'alias', reason: 'the settings do not grant it to this run' }
    if (this.#calls > this.#http.calls)
      return { kind: 'denied', rule: 'budget', reason: `this run has ${this.#http.calls} calls` }
    return undefined
  }

  #add({ alias: asked }: HttpCall, more: Partial<Omit<HttpUse, 'alias'>>): void {
    const alias = this.#http.aliases.includes(asked) ? asked : OTHERS
    const before = this.#uses.get(alias) ?? { alias, calls: 0, sent: 0, received: 0 }
    const added = Object.entries(more).map(([name, by]) => [name, (before[name as keyof typeof more] ?? 0) + by])
    this.#uses.set(alias, { ...before, ...Object.fromEntries(added) })
  }
}
