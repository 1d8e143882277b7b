/**
 * What a verification can find. A code is public API: it never changes meaning and never carries a value.
 *
 * A *finding* says that the log is not what was written; a *notice* says something that a reader should know and that
 * honest use can leave as well (docs/witness.md lists what cannot be told apart).
 */
import { type ObjectId, printable, type RefName, type SessionName, type TaskKey } from '../../model/index.ts'

export type FindingCode =
  // quick: the newest checkpoint, the refs
  | 'checkpoint-unreadable'
  | 'checkpoint-forged'
  | 'note-missing'
  | 'note-changed'
  | 'rolled-back'
  | 'board-rewound'
  | 'notes-rewound'
  | 'replace-refs'
  | 'claim-without-event'
  | 'chain-unreadable'
  // chain: every hash
  | 'note-unreadable'
  | 'fold-missing'
  | 'root-differs'
  | 'events-missing'
  | 'foreign-event'
  | 'event-missing'
  | 'event-repeated'
  | 'chain-forked'
  | 'chain-broken'
  | 'sealed-differs'
  | 'seen-missing'
  | 'seen-differs'
  // full: every signature, and what the log says against what else is there
  | 'signature-wrong'
  | 'key-changed'
  | 'granted-differs'
  | 'time-impossible'
  | 'state-differs'
  | 'ledger-differs'
  | 'record-differs'
  | 'trace-differs'
  | 'carried-differs'
  | 'swept-unsealed'
  // audit: with what authority
  | 'registry-broken'
  | 'key-unregistered'
  | 'key-expired'
  | 'key-revoked'
  | 'key-of-another'

export type NoticeCode =
  | 'fold-unsealed'
  | 'board-accepted'
  | 'key-renewed'
  | 'registry-unpinned'
  | 'pruned'
  | 'ledger-uncounted'

export interface Place {
  readonly fold?: number
  readonly session?: SessionName
  readonly sequence?: number
  readonly task?: TaskKey
  readonly ref?: RefName
  readonly commit?: ObjectId
}

export interface Finding {
  readonly severity: 'finding' | 'notice'
  /** `witness/<code>`. */
  readonly code: `witness/${FindingCode | NoticeCode}`
  /** Printable. */
  readonly message: string
  readonly place: Place
}

/** What is listed at most of one code; the rest is counted. */
const MAX_LISTED = 100

export class Findings {
  readonly #listed: Finding[] = []
  readonly #counts = new Map<string, number>()

  add(code: FindingCode, place: Place, message: string): void {
    this.#add('finding', code, place, message)
  }

  notice(code: NoticeCode, place: Place, message: string): void {
    this.#add('notice', code, place, message)
  }

  /** In the order found, at most a hundred of each code. */
  get listed(): readonly Finding[] {
    return this.#listed
  }

  /** How many findings of each code, those that are not listed among them. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  #add(severity: Finding['severity'], code: FindingCode | NoticeCode, place: Place, message: string): void {
    const name = `witness/${code}` as const
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    if (count <= MAX_LISTED) this.#listed.push({ severity, code: name, message: printable(message, 400), place })
  }
}
