/** Which event of a session’s chain a revocation leaves standing. */
import { IfBoardError, type RevokeStatement, type SessionName } from '../model/index.ts'
import { type CarriedEvent, decodeEventCommit, eventHash, parseNote } from '../witness/index.ts'
import { listFiles, readCommit, readText } from './branch-tree.ts'
import { sealedSession, tipOf } from './chain-tip.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

type LastGood = NonNullable<RevokeStatement['lastGood']>

/** The newest event that the authority shows of a session; `undefined` when it shows none. */
export async function newestEvent(box: Toolbox, reading: Reading, session: SessionName): Promise<LastGood | undefined> {
  const tip = await tipOf(box, reading, session)
  const sealed = await sealedSession(box, reading, session)
  if (tip !== undefined && tip.event.sequence > (sealed?.sequence ?? 0))
    return { sequence: tip.event.sequence, hash: eventHash(tip.event, box.sha256) }
  return sealed === undefined ? undefined : { sequence: sealed.sequence, hash: sealed.hash }
}

/**
 * The event of that number, on the chain or in the notes.
 *
 * @throws IfBoardError `usage/invalid` when the session has none
 */
export async function eventNumbered(
  box: Toolbox,
  reading: Reading,
  { session, sequence }: { readonly session: SessionName; readonly sequence: number },
): Promise<LastGood> {
  const newest = await newestEvent(box, reading, session)
  if (newest?.sequence === sequence) return newest
  const hash =
    newest === undefined || newest.sequence < sequence
      ? undefined
      : ((await hashOnChain(box, await tipOf(box, reading, session), sequence)) ??
        (await hashInNotes(box, reading, { session, sequence })))
  if (hash !== undefined) return { sequence, hash }
  throw new IfBoardError('usage/invalid', `${session} has no event ${sequence} that the authority shows`, {
    hint: newest === undefined ? 'Leave --last-good out' : `Name one from 0 (none counts) to ${newest.sequence}`,
  })
}

/** Every event names the hash of the one before it. */
async function hashOnChain(box: Toolbox, tip: CarriedEvent | undefined, sequence: number): Promise<string | undefined> {
  let event = tip?.event
  while (event !== undefined && event.sequence > sequence + 1) {
    const { session, sequence: at, parents }: CarriedEvent['event'] = event
    event = undefined
    for (const parent of parents) {
      const object = await box.objects.read(parent)
      const before = object?.type === 'commit' ? decodeEventCommit(object.body) : undefined
      if (before?.session === session && before.sequence === at - 1) event = before
    }
  }
  return event?.sequence === sequence + 1 ? event.previous : undefined
}

async function hashInNotes(
  box: Toolbox,
  { refs }: Reading,
  { session, sequence }: { readonly session: SessionName; readonly sequence: number },
): Promise<string | undefined> {
  const notes = refs.get(box.layout.notes)
  if (notes === undefined) return undefined
  const files = await listFiles(box.objects, (await readCommit(box.objects, notes)).tree, () => false)
  for (const oid of files.values()) {
    const events = parseNote(await readText(box.objects, oid))?.events ?? []
    const found = events.find((event) => event.session === session && event.sequence === sequence)
    if (found !== undefined) return eventHash(found, box.sha256)
  }
  return undefined
}
