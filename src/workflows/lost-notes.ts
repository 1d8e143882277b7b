/**
 * Folds whose board has landed and whose note has not: the server was killed between the two.
 *
 * The next fold goes on from their board, and from the note before them. So it has to tell apart what they counted and
 * wrote, and what came behind them: what it seals is in the order in which it was counted.
 */
import type { ObjectId, ParsedCommit } from '../model/index.ts'
import { findEntry, readCommit } from './branch-tree.ts'
import { FOLD_EMAIL, history } from './fold-memory.ts'
import { lastCheckpoint } from './noted.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Every one in a row costs a killed server; commits that only say that they are folds must not make a long walk. */
const MAX_LOST = 100

/** Oldest first, back to the newest fold of the branch that has a note. */
export async function lostFolds(box: Toolbox, reading: Reading): Promise<ParsedCommit[]> {
  const hasNote = await noteFinder(box, reading)
  const lost: ParsedCommit[] = []
  for await (const { oid, commit } of history(box, reading.head)) {
    if (commit.author.email !== FOLD_EMAIL) continue
    if (lost.length >= MAX_LOST || (await hasNote(oid))) break
    lost.push(commit)
  }
  return lost.reverse()
}

/** The newest checkpoint names its fold. A branch that was put back ends before that: there the tree of notes is asked. */
async function noteFinder(box: Toolbox, reading: Reading): Promise<(board: ObjectId) => Promise<boolean>> {
  const newest = (await lastCheckpoint(box, reading))?.board
  const notes = reading.refs.get(box.layout.notes)
  const tree = notes === undefined ? undefined : (await readCommit(box.objects, notes)).tree
  return async (board) => {
    if (board === newest) return true
    return tree !== undefined && (await findEntry(box.objects, tree, notePath(board))) !== undefined
  }
}

/** Where a fold puts its note in that tree (git-notes(1) finds it whatever the folders are). */
export function notePath(board: ObjectId): string {
  return `${board.slice(0, 2)}/${board.slice(2)}`
}
