/**
 * What a prune's commit says of the commits that it replaced: the file `if-board/history` in the tree of the notes ref.
 *
 *     <commit of the notes ref> <board commit of its fold>     newest first; `-`: it was no fold's
 *
 * git takes a path that is no hexadecimal name for no note, and keeps it (git-notes(1), and `non_note` in notes.c of
 * git). Whoever walks the history of the ref goes on with these lines where the parents end.
 */
import { isObjectId, type ObjectId } from '../model/index.ts'

export const HISTORY_PATH = 'if-board/history'

/** One commit that the notes ref once held. */
export interface PastNotes {
  readonly commit: ObjectId
  /** `undefined`: its message repeated no checkpoint. */
  readonly board: ObjectId | undefined
}

/** 64 Mi UTF-16 code units, as much as is read of one object: some 800,000 folds. */
export const MAX_HISTORY_LENGTH = 64 * 1024 * 1024

/** Newest first. */
export function renderNotesHistory(past: readonly PastNotes[]): string {
  return past.map(({ commit, board }) => `${commit} ${board ?? '-'}\n`).join('')
}

/** The lines of such a file; `undefined` for anything that `renderNotesHistory` would not have written so. */
export function parseNotesHistory(text: string): PastNotes[] | undefined {
  if (text.length > MAX_HISTORY_LENGTH || !text.endsWith('\n')) return undefined
  const past: PastNotes[] = []
  for (const line of text.slice(0, -1).split('\n')) {
    const [commit = '', board = '', ...more] = line.split(' ')
    if (!isObjectId(commit) || more.length > 0 || !(board === '-' || isObjectId(board))) return undefined
    past.push({ commit, board: board === '-' ? undefined : board })
  }
  return past
}
