/** What the sealed events come to, counted again. */
import { EMPTY_LEDGER, type Ledger, type SignedEvent, type TaskAccount, type TaskKey } from '../../model/index.ts'
import { tally } from '../ledger.ts'
import type { CountedFacts } from './facts.ts'

/** Counts the log again, note by note. */
export class Recount {
  #ledger: Ledger = EMPTY_LEDGER
  readonly #tasks = new Map<TaskKey, TaskAccount>()

  add(events: readonly SignedEvent[]): void {
    const taskAccount = (key: TaskKey) => this.#tasks.get(key)
    const { ledger, tasks } = tally({ ledger: this.#ledger, taskAccount }, events)
    this.#ledger = ledger
    for (const [key, account] of tasks) this.#tasks.set(key, account)
  }

  get counted(): CountedFacts {
    return { ledger: this.#ledger, tasks: this.#tasks }
  }
}
