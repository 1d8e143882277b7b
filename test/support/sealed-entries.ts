/** Every event that the notes of a fleet hold. */
import type { SignedEvent } from '../../src/model/index.ts'
import { readNotes } from '../../src/workflows/all-notes.ts'
import { read } from '../../src/workflows/read.ts'
import type { Clone } from './fleet.ts'

export async function entriesOf({ box }: Clone): Promise<SignedEvent[]> {
  return (await readNotes(box, await read(box))).flatMap(({ events }) => events)
}
