/** What sessions saw of claims, on one clock; and what must hold of it whatever was done to the server. */
import type { SessionName, TaskKey } from '../../src/model/index.ts'
import { linearize, type Operation } from './linearizable.ts'

/** One session believed that it holds a task. */
export interface Belief {
  readonly task: TaskKey
  readonly session: SessionName
  readonly nonce: string
  readonly epoch: number
  readonly revision: number
  /** When the claim was asked for, when it was known, and the last moment at which it was believed. */
  readonly asked: number
  readonly from: number
  until: number
}

/** `free`, `held <nonce>` or `done`. */
type Register = string

export class FastHistory {
  readonly beliefs: Belief[] = []
  readonly #operations = new Map<TaskKey, Operation<Register>[]>()
  /** By kind of outcome, for the report of a run. */
  readonly counts = new Map<string, number>()

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  /** Asks, and notes what became of it; an outcome that tells nothing of the task is not kept. */
  async note<A extends { readonly kind: string }>(
    task: TaskKey,
    what: string,
    ask: () => Promise<A>,
    after: (answer: A) => ((state: Register) => Register | undefined) | undefined,
  ): Promise<A> {
    const start = performance.now()
    const answer = await ask()
    const end = answer.kind === 'unknown' ? Infinity : performance.now()
    this.count(`${what.split(' ')[0]}: ${answer.kind}`)
    const step = after(answer)
    if (step !== undefined) this.add(task, { start, end, what: `${what} → ${answer.kind}`, after: step })
    return answer
  }

  add(task: TaskKey, operation: Operation<Register>): void {
    const operations = this.#operations.get(task)
    if (operations === undefined) this.#operations.set(task, [operation])
    else operations.push(operation)
  }

  /** Sentences about what must not be: two believed at once, tokens that went back. */
  problems(): string[] {
    const problems: string[] = []
    const sorted = [...this.beliefs].sort((a, b) => a.from - b.from)
    for (const [at, one] of sorted.entries()) {
      for (const other of sorted.slice(at + 1)) {
        if (one.task !== other.task) continue
        if (other.from < one.until) problems.push(`${said(one)} while ${said(other)}`)
        const isLater = other.asked > one.from
        const isAbove = other.epoch > one.epoch || (other.epoch === one.epoch && other.revision > one.revision)
        if (isLater && !isAbove) problems.push(`the token went back: ${said(one)}, then ${said(other)}`)
      }
    }
    return problems
  }

  /** Tasks whose operations cannot have happened one after the other. */
  notLinearizable(): string[] {
    return [...this.#operations].flatMap(([task, operations]) => {
      const { isLinearizable, longest } = linearize<Register>('free', operations)
      if (isLinearizable) return []
      return [`${task}: ${longest.length} of ${operations.length} operations: … ${longest.slice(-8).join('; ')}`]
    })
  }
}

function said({ task, session, epoch, revision, from, until }: Belief): string {
  return `${session} believed to hold ${task} under (${epoch}, ${revision}) from ${from.toFixed(0)} to ${until.toFixed(0)}`
}
