/**
 * Several sessions of one clone speak at once, each for itself, and git is asked as if one did.
 *
 *     list    asked while another list is under way: all who ask share the next one, which begins after they asked
 *     move    waits until each of them waits or has ended; then all goes in one push, all or none, or in as many as
 *             their names need
 *             └─ not moved: nothing was changed, and each of them goes by itself
 */
import type { ObjectId, RefName } from '../../model/index.ts'
import type { MoveOutcome, RefMove, RefStore } from '../../ports/index.ts'

/** Characters of the arguments of one push: Windows ends a command line at 32,767 (CreateProcessW). */
const MOST_CHARACTERS = 24_000
/** For each move two object ids of up to 64 digits, and an option's name, beside the ref twice. */
const BESIDE_REFS = 160

interface Waiting {
  readonly moves: readonly RefMove[]
  readonly resolve: (outcome: MoveOutcome) => void
  readonly reject: (error: unknown) => void
}

/** What each of them does with the store that they share; how each ended, in their order, when all have. */
export function together<Item>(
  refs: RefStore,
  items: readonly Item[],
  act: (item: Item, refs: RefStore) => Promise<unknown>,
): Promise<PromiseSettledResult<unknown>[]> {
  const group = new Group(refs, items.length)
  return Promise.allSettled(items.map((item) => act(item, group.refs).finally(() => group.leave())))
}

class Group {
  readonly #refs: RefStore
  #members: number
  #waiting: Waiting[] = []
  #listing: Promise<ReadonlyMap<RefName, ObjectId>> | undefined
  #next: Promise<ReadonlyMap<RefName, ObjectId>> | undefined

  constructor(refs: RefStore, members: number) {
    this.#refs = refs
    this.#members = members
  }

  get refs(): RefStore {
    const list = () => this.#list()
    return { guards: false, list, peek: list, moveAll: (moves) => this.#move(moves) }
  }

  leave(): void {
    this.#members -= 1
    this.#goWhenAllWait()
  }

  /** What was listed before somebody asked is no answer to it: a fold that it knows of may be missing there. */
  #list(): Promise<ReadonlyMap<RefName, ObjectId>> {
    if (this.#listing === undefined) return this.#begin()
    const begin = () => {
      this.#next = undefined
      return this.#begin()
    }
    this.#next ??= this.#listing.then(begin, begin)
    return this.#next
  }

  #begin(): Promise<ReadonlyMap<RefName, ObjectId>> {
    const listing = this.#refs.list().finally(() => {
      if (this.#listing === listing) this.#listing = undefined
    })
    this.#listing = listing
    return listing
  }

  #move(moves: readonly RefMove[]): Promise<MoveOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ moves, resolve, reject })
      this.#goWhenAllWait()
    })
  }

  #goWhenAllWait(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#members) return
    const calls = this.#waiting
    this.#waiting = []
    void this.#goAll(calls)
  }

  async #goAll(calls: readonly Waiting[]): Promise<void> {
    for (const lot of lotsOf(calls)) await this.#go(lot)
  }

  async #go(calls: readonly Waiting[]): Promise<void> {
    try {
      const all = calls.flatMap(({ moves }) => moves)
      const whole = await this.#refs.moveAll(all)
      if (whole.kind === 'moved' || calls.length === 1) for (const { resolve } of calls) resolve(whole)
      else for (const { moves, resolve } of calls) resolve(await this.#refs.moveAll(moves))
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
}

/** In their order, as many in each as one push can name. */
function lotsOf(calls: readonly Waiting[]): Waiting[][] {
  const lots: Waiting[][] = []
  let characters = 0
  for (const call of calls) {
    const own = call.moves.reduce((sum, { ref }) => sum + 2 * ref.length + BESIDE_REFS, 0)
    characters += own
    if (lots.length === 0 || characters > MOST_CHARACTERS) {
      lots.push([])
      characters = own
    }
    lots.at(-1)?.push(call)
  }
  return lots
}
