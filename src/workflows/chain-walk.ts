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
    const found = await carried(box, parent)
    if (found?.event.session === event.session && found.event.sequence === event.sequence - 1) return found
  }
  return undefined
}

/** The event of a commit; a beat stands for the event that it names. */
async function carried(box: Toolbox, oid: ObjectId): Promise<CarriedEvent | undefined> {
  const object = await box.objects.read(oid)
  if (object === undefined) return undefined
  const event = decodeEventCommit(object.body)
  if (event !== undefined) return { oid, event }
  const last = decodeBeat(object.body)?.last
  return last === undefined ? undefined : carried(box, last)
}

/** By time, and within a chain by sequence, whatever its clock did. */
export function inOrder(chains: Iterable<readonly CarriedEvent[]>): CarriedEvent[] {
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
