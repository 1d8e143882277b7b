/** Every note of this board's folds, for whoever counts or repairs by the whole log. */
import { type Note, parseNote } from '../witness/index.ts'
import { listFiles, readCommit, readText } from './branch-tree.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Oldest first. */
export async function readNotes(box: Toolbox, { refs }: Pick<WholeReading, 'refs'>): Promise<Note[]> {
  const tip = refs.get(box.layout.notes)
  if (tip === undefined) return []
  const { tree } = await readCommit(box.objects, tip)
  const notes: Note[] = []
  for (const [path, blob] of await listFiles(box.objects, tree, (folder) => !isHex(folder))) {
    const note = parseNote(await readText(box.objects, blob))
    const isOfThis = note?.checkpoint.boardId === box.boardId && note.checkpoint.board === path.replaceAll('/', '')
    if (note !== undefined && isOfThis) notes.push(note)
  }
  return notes.sort((a, b) => a.checkpoint.fold - b.checkpoint.fold)
}

/** Folders of notes are digits of ids; what else git keeps beside them is none (git-notes(1)). */
function isHex(folder: string): boolean {
  return /^[0-9a-f/]+$/.test(folder)
}
