/** The events of chains, back from their tips, and the order in which they are sealed and counted. */
import type { ObjectId, SignedEvent } from '../model/index.ts'
import { type CarriedEvent, decodeBeat, decodeEventCommit } from '../witness/index.ts'
import type { Toolbox } from './toolbox.ts'

/** Oldest first. */
export async function chainBeyond(box: Toolbox, tip: CarriedEvent, sealed: number): Promise<CarriedEvent[]> {
  const events: CarriedEvent[] = []
  let next: CarriedEvent | undefined = tip
  while (next !== undefined && next.event.sequence > sealed) {
    events.push(next)
    // The last one that is wanted names what nobody needs.
    next = next.event.sequence === sealed + 1 ? undefined : await previousEvent(box, next.event)
  }
  return events.reverse()
}

async function previousEvent(box: Toolbox, event: SignedEvent): Promise<CarriedEvent | undefined> {
  for (const parent of event.parents) {
    const found = await eventAt(box, parent)
    if (found?.event.session === event.session && found.event.sequence === event.sequence - 1) return found
  }
  return undefined
}

/** The event of a commit; a beat stands for the event that it names. */
export async function eventAt(box: Toolbox, oid: ObjectId): Promise<CarriedEvent | undefined> {
  const object = await box.objects.read(oid)
  if (object === undefined) return undefined
  const event = decodeEventCommit(object.body)
  if (event !== undefined) return { oid, event }
  const last = decodeBeat(object.body)?.last
  return last === undefined ? undefined : eventAt(box, last)
}

/**
 * By time, but no event before one that it names: the one before it in its chain, those that it saw (`data.saw`), and the
 * claim whose place it takes. So causes come before effects whatever the clocks did. An event that names what comes after
 * it (its key's owner lies) stays where its time puts it.
 */
export function inOrder(chains: Iterable<readonly CarriedEvent[]>): CarriedEvent[] {
  const waiting = byTime(chains)
  const bySequence = new Map(waiting.map((one) => [placeOf(one.event), one]))
  const byOid = new Map(waiting.map((one) => [one.oid, one]))
  const causesOf = ({ event: { session, sequence, data } }: CarriedEvent) => [
    bySequence.get(`${session} ${sequence - 1}`),
    ...(data.saw ?? []).map((text) => bySequence.get(text.slice(0, text.lastIndexOf(' ')))),
    ...(data.replaces === undefined ? [] : [byOid.get(data.replaces)]),
  ]
  return inChainOrder(causesFirst(waiting, causesOf))
}

type Causes = (one: CarriedEvent) => readonly (CarriedEvent | undefined)[]

/** Depth first, by a stack of our own: chains are longer than the engine's. */
function causesFirst(waiting: readonly CarriedEvent[], causesOf: Causes): CarriedEvent[] {
  const ordered: CarriedEvent[] = []
  const met = new Set<CarriedEvent>()
  const done = new Set<CarriedEvent>()
  const stack: CarriedEvent[] = [...waiting].reverse()
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const causes = met.has(top) ? [] : causesOf(top).filter((cause) => cause !== undefined && !met.has(cause))
    met.add(top)
    if (causes.length > 0) {
      stack.push(...(causes as CarriedEvent[]))
      continue
    }
    stack.pop()
    if (!done.has(top)) ordered.push(top)
    done.add(top)
  }
  return ordered
}

/** Causes that go round in a circle must not turn a chain about: each place goes to the next event of its chain. */
function inChainOrder(ordered: readonly CarriedEvent[]): CarriedEvent[] {
  const chains = new Map<string, CarriedEvent[]>()
  for (const one of ordered) {
    const chain = chains.get(one.event.session)
    if (chain === undefined) chains.set(one.event.session, [one])
    else chain.push(one)
  }
  for (const chain of chains.values()) chain.sort((a, b) => b.event.sequence - a.event.sequence)
  return ordered.map(({ event }) => chains.get(event.session)?.pop() as CarriedEvent)
}

function placeOf({ session, sequence }: SignedEvent): string {
  return `${session} ${sequence}`
}

/** Within a chain the clock never runs backwards. */
function byTime(chains: Iterable<readonly CarriedEvent[]>): CarriedEvent[] {
  const ordered: { readonly one: CarriedEvent; readonly time: string }[] = []
  for (const chain of chains) {
    let time = ''
    for (const one of chain) {
      time = one.event.time > time ? one.event.time : time
      ordered.push({ one, time })
    }
  }
  return ordered
    .sort(
      (a, b) =>
        compare(a.time, b.time) ||
        compare(a.one.event.session, b.one.event.session) ||
        a.one.event.sequence - b.one.event.sequence,
    )
    .map(({ one }) => one)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
