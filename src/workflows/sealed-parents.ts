/**
 * Commits of sealed events, written again. What a session said in etcd has commits that were never pushed: once it is sealed
 * it stands in a note alone. A push of what stands on it needs its commit, which is made of the event and nothing else.
 */
import { type ObjectId, objectId, type RefName, type SignedEvent } from '../model/index.ts'
import { encodeEventCommit } from '../witness/index.ts'
import { readNotes } from './all-notes.ts'
import type { Toolbox } from './toolbox.ts'

/** Writes what these events name as parents and this clone has not got; what no note has stays missing. */
export async function writeSealedParents(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
  events: readonly SignedEvent[],
): Promise<void> {
  let sealed: ReadonlyMap<ObjectId, SignedEvent> | undefined
  const wanted = new Set(events.flatMap(({ parents }) => parents))
  for (const oid of wanted) {
    if ((await box.objects.read(oid)) !== undefined) continue
    sealed ??= await sealedByCommit(box, refs)
    const event = sealed.get(oid)
    if (event === undefined) continue
    await box.objects.write([encodeEventCommit(event, box.emptyTree)])
    for (const parent of event.parents) wanted.add(parent)
  }
}

async function sealedByCommit(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
): Promise<ReadonlyMap<ObjectId, SignedEvent>> {
  const events = (await readNotes(box, { refs })).flatMap((note) => note.events)
  const idOf = (event: SignedEvent) => objectId(encodeEventCommit(event, box.emptyTree), box.objects.hash)
  return new Map(events.map((event) => [idOf(event), event]))
}
