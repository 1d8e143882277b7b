/**
 * Hands events to somebody outside, one after the other, without ever holding up who tells them.
 *
 * A receiver that does not answer is asked again with growing pauses; what it never takes is given up and told, and so
 * is what does not fit into the queue: the newest is dropped, because the oldest says how it began.
 */
import type { Chance, Clock } from '../../ports/index.ts'
import type { WatchEvent } from './events.ts'

/** `again`: it may take it later. Words are printable. */
export type Delivered = { readonly kind: 'taken' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

export interface DeliveryTools {
  readonly clock: Clock
  readonly chance: Chance
  readonly stop: AbortSignal
  readonly send: (event: WatchEvent) => Promise<Delivered>
  /** Told once for each stretch of failures. */
  readonly failed: (reason: string) => void
}

export interface Delivery {
  /** Returns at once. */
  add(event: WatchEvent): void
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>
}

const MAX_WAITING = 100
const MAX_TRIES = 5
const FIRST_PAUSE_MS = 1_000

export function deliveries(tools: DeliveryTools): Delivery {
  const waiting: WatchEvent[] = []
  let working: Promise<void> | undefined
  let isFailing = false
  const note = (reason: string | undefined) => {
    if (reason !== undefined && !isFailing) tools.failed(reason)
    isFailing = reason !== undefined
  }
  const work = async () => {
    for (let event = waiting[0]; event !== undefined && !tools.stop.aborted; event = waiting[0]) {
      note(await deliver(tools, event))
      waiting.shift()
    }
    working = undefined
  }
  return {
    add(event) {
      if (waiting.length >= MAX_WAITING) return note(`${MAX_WAITING} events wait for it already`)
      waiting.push(event)
      working ??= work()
    },
    settled: async () => working,
  }
}

/** Why it was given up; `undefined`: it was taken. */
async function deliver({ send, clock, chance, stop }: DeliveryTools, event: WatchEvent): Promise<string | undefined> {
  for (let tries = 1; ; tries += 1) {
    const delivered = await send(event)
    if (delivered.kind === 'taken') return undefined
    if (delivered.kind === 'refused' || tries === MAX_TRIES || stop.aborted) return delivered.reason
    await clock.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + chance.fraction()))
  }
}

/** What a person wants to hear of; the rest is for who reads along. */
export function isForPeople({ event }: WatchEvent): boolean {
  return !['task', 'folded', 'started', 'listening', 'saved', 'brought'].includes(event)
}
