/**
 * What a space holds, as one list and the news since show it: for whoever asks too often to list each time.
 *
 * It lags by what is on the way, and never mixes revisions: changes of one revision come together (promise 7 of the
 * port). Who wrote at a revision waits until the mirror has it.
 */
import { invariant, type TaskKey } from '../../model/index.ts'
import type {
  FastArmed,
  FastChange,
  FastDone,
  FastHeld,
  FastListing,
  FastNews,
  FastProjector,
} from '../../ports/index.ts'

export class Mirror implements FastListing {
  revision = 0
  epochNonce: string | undefined
  ready: Map<TaskKey, string> = new Map()
  claims: Map<TaskKey, FastHeld> = new Map()
  done: Map<TaskKey, FastDone> = new Map()
  projector: FastProjector | undefined
  armed: FastArmed | undefined
  unreadable = 0
  /** Counts what a fold may have to say: claims that came or went, completions that came. */
  changes = 0
  /** Counts completions that were taken away, as they are when git has them. */
  folds = 0
  /** Counts claims that came; what came and went between two lists is not among them. */
  claimed = 0
  #isOver = false
  readonly #waiting: { readonly revision: number; readonly reached: () => void }[] = []

  constructor(listing: FastListing) {
    this.replace(listing)
  }

  /** All anew, on the same link. */
  replace(listing: FastListing): void {
    for (const task of listing.claims.keys()) if (!this.claims.has(task)) this.claimed += 1
    this.ready = new Map(listing.ready)
    this.claims = new Map(listing.claims)
    this.done = new Map(listing.done)
    this.epochNonce = listing.epochNonce
    this.projector = listing.projector
    this.armed = listing.armed
    this.unreadable = listing.unreadable
    this.changes += 1
    this.#reach(listing.revision)
  }

  hear(news: Extract<FastNews, { kind: 'changed' | 'progress' }>): void {
    if (news.kind === 'changed') for (const change of news.changes) this.#apply(change)
    this.#reach(news.revision)
  }

  /** Resolves when everything up to this revision is here, at once if it is. */
  async has(revision: number): Promise<void> {
    if (this.#isOver || this.revision >= revision) return
    await new Promise<void>((reached) => this.#waiting.push({ revision, reached }))
  }

  /** The link is over: nobody waits for what will not come. */
  end(): void {
    this.#isOver = true
    for (const { reached } of this.#waiting.splice(0)) reached()
  }

  #reach(revision: number): void {
    this.revision = revision
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1)
      if ((this.#waiting[at]?.revision ?? 0) <= revision) this.#waiting.splice(at, 1)[0]?.reached()
  }

  #apply(change: FastChange): void {
    switch (change.key) {
      case 'epoch':
        this.epochNonce = change.value
        return
      case 'projector':
        this.projector = change.value
        return
      case 'armed':
        this.armed = change.value
        return
      case 'ready':
        put(this.ready, change.task, change.value)
        return
      case 'claim':
        this.changes += 1
        // One that is put anew is taken over by its own session.
        if (change.value !== undefined && !this.claims.has(change.task)) this.claimed += 1
        put(this.claims, change.task, change.value)
        return
      case 'done':
        // What is deleted there was folded.
        if (change.value === undefined) this.folds += 1
        else this.changes += 1
        put(this.done, change.task, change.value)
        return
      default:
        invariant(false, 'every key of a space is told')
    }
  }
}

function put<T>(map: Map<TaskKey, T>, task: TaskKey, value: T | undefined): void {
  if (value === undefined) map.delete(task)
  else map.set(task, value)
}
