/**
 * When this observer first saw what opened a breaker: from then on its cool-down counts (`governor/breaker.ts`).
 *
 * Kept in the hub as `breakers`, in the form of the ledger of refs (`claim/lease.ts`), whose rules for clocks hold here
 * too: a step back or another boot begins again.
 */
import { elapsedMs, type Moment, observe, parseLedger, renderLedger } from '../claim/index.ts'
import { type ObjectId, type RefName, refKey, type SessionName } from '../model/index.ts'
import type { Toolbox } from './toolbox.ts'

const SIGHTS = 'breakers'
/** Of an object id: what a line of the ledger holds. */
const DIGITS = 40

/** For how long each mark has been seen, in milliseconds. Where no breaker is open, nothing is read. */
export async function timesSeen(
  box: Toolbox,
  marks: ReadonlyMap<SessionName, string>,
  now: Moment,
): Promise<ReadonlyMap<SessionName, number>> {
  if (marks.size === 0) return new Map()
  const nameOf = (session: SessionName) => `refs/breaker/${refKey(session, box.sha256)}` as RefName
  const values = [...marks].map(
    ([session, mark]) => [nameOf(session), box.sha256(mark).slice(0, DIGITS) as ObjectId] as const,
  )
  const before = (await box.memory.read(SIGHTS)) ?? ''
  const ledger = observe(parseLedger(before), new Map(values), now)
  const after = renderLedger(ledger)
  if (after !== before) await box.memory.write(SIGHTS, after)
  return new Map(
    [...marks.keys()].map((session) => {
      const seen = ledger.get(nameOf(session))
      return [session, seen === undefined ? 0 : elapsedMs(seen, now)]
    }),
  )
}
