/** Each session's chain as the log tells it, event by event: what the next one must be, and what others saw of it. */
import type { SessionName, SignedEvent } from '../../model/index.ts'
import { parseTime } from '../time.ts'
import type { FindingCode, Findings, Place } from './findings.ts'

/** Hexadecimal digits of a hash that `saw` repeats. */
const SEEN_DIGITS = 32

interface Chain {
  /** Hash of each event by its sequence; what a prune took away is not there. */
  readonly hashes: Map<number, string>
  sequence: number
  hash: string
  key: string | undefined
  /** Latest time that an event of the chain gave. */
  time: number
}

export class Sessions {
  readonly #chains = new Map<SessionName, Chain>()
  readonly #findings: Findings
  /** What was seen of chains before their events came by: `session sequence digits` → who saw it. */
  readonly #owed = new Map<string, Place>()

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** Where the chain ends, as far as it was followed. */
  endOf(session: SessionName): { readonly sequence: number; readonly hash: string } | undefined {
    return this.#chains.get(session)
  }

  keyOf(session: SessionName): string | undefined {
    return this.#chains.get(session)?.key
  }

  /** Latest time that its events gave, milliseconds since 1970; 0: none yet. */
  timeOf(session: SessionName): number {
    return this.#chains.get(session)?.time ?? 0
  }

  hashAt(session: SessionName, sequence: number): string | undefined {
    return this.#chains.get(session)?.hashes.get(sequence)
  }

  /** The first key that speaks for a session counts as its own; another one must begin with `joined`. */
  setKey(session: SessionName, key: string): string | undefined {
    const chain = this.#chainOf(session)
    const before = chain.key
    chain.key = key
    return before
  }

  /**
   * Go on behind what a prune took away: the checkpoint that stayed says where the chain stood. Whose key came with
   * `joined` there is not known any more, so the next event shows it.
   */
  skipTo(session: SessionName, sequence: number, hash: string): void {
    const chain = this.#chainOf(session)
    chain.sequence = sequence
    chain.hash = hash
    chain.key = undefined
    chain.hashes.set(sequence, hash)
  }

  /** One more event of the log; `hash` is its own. */
  append(event: SignedEvent, hash: string, place: Place): void {
    const chain = this.#chainOf(event.session)
    this.#judgeLink(chain, event, hash, place)
    if (event.sequence > chain.sequence) {
      chain.sequence = event.sequence
      chain.hash = hash
    }
    if (!chain.hashes.has(event.sequence)) chain.hashes.set(event.sequence, hash)
    chain.time = Math.max(chain.time, parseTime(event.time) ?? 0)
    this.#judgeSeen(event, place)
  }

  #chainOf(session: SessionName): Chain {
    const known = this.#chains.get(session)
    if (known !== undefined) return known
    const fresh: Chain = { hashes: new Map(), sequence: 0, hash: '', key: undefined, time: 0 }
    this.#chains.set(session, fresh)
    return fresh
  }

  #judgeLink(chain: Chain, event: SignedEvent, hash: string, place: Place): void {
    const fault = faultOf(chain, event, hash)
    if (fault !== undefined) this.#findings.add(fault.code, place, fault.message)
  }

  /** Entries of `saw`: `<session> <sequence> <digits>`. What came by already is compared now, the rest at the end. */
  #judgeSeen({ data: { saw } }: SignedEvent, place: Place): void {
    for (const entry of saw ?? []) {
      const [session = '', sequence = ''] = entry.split(' ')
      const hash = this.hashAt(session as SessionName, Number(sequence))
      if (hash === undefined) this.#owed.set(entry, place)
      else this.#compare(entry, hash, place)
    }
  }

  #compare(entry: string, hash: string, place: Place): void {
    const [session, sequence, digits] = entry.split(' ')
    if (hash.slice(0, SEEN_DIGITS) === digits) return
    this.#findings.add('seen-differs', place, `${place.session} saw another ${session} #${sequence} than the log has`)
  }

  /** All events have come by: what was seen and is nowhere was taken away. `isPruned`: it may have been pruned. */
  finish(isPruned: (session: SessionName, sequence: number) => boolean): void {
    for (const [entry, place] of this.#owed) {
      const [name = '', text = ''] = entry.split(' ')
      const session = name as SessionName
      const hash = this.hashAt(session, Number(text))
      if (hash !== undefined) this.#compare(entry, hash, place)
      else if (!isPruned(session, Number(text)))
        this.#findings.add('seen-missing', place, `${place.session} saw ${session} #${text}, which is gone`)
    }
  }
}

/** Why an event is not the next one of a chain; `undefined`: it is. */
function faultOf(chain: Chain, { session, sequence, previous }: SignedEvent, hash: string) {
  const known = chain.hashes.get(sequence)
  if (known === hash) return fault('event-repeated', `${session} #${sequence} is in the log a second time`)
  if (known !== undefined) return fault('chain-forked', `${session} has two different events #${sequence}`)
  if (sequence <= chain.sequence)
    return fault('event-repeated', `${session} #${sequence} comes after #${chain.sequence}`)
  if (sequence > chain.sequence + 1)
    return fault('event-missing', `${session} goes from #${chain.sequence} to #${sequence}: what lies between is gone`)
  if (sequence > 1 && previous !== chain.hash)
    return fault('chain-broken', `${session} #${sequence} follows another event than #${chain.sequence}`)
  return undefined
}

function fault(code: FindingCode, message: string) {
  return { code, message }
}
