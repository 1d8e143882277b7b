/** A made-up log in a fleet’s repository: notes on board commits, as folds would have left them. */

import { FOLD_AUTHOR, type MadeFold, makeLog } from '../../scripts/bench/made-log.ts'
import { encodeCommit, type ObjectId, objectId, type RefName } from '../../src/model/index.ts'
import { changeTree, readCommit } from '../../src/workflows/branch-tree.ts'
import type { Clone, Fleet } from './fleet.ts'

/** Append these folds to an empty log; board branch and notes ref are moved. */
export async function sealDay(fleet: Fleet, { box }: Clone, folds: readonly MadeFold[]): Promise<void> {
  const { objects, layout } = box
  const head = await fleet.head()
  const { tree } = await readCommit(objects, head)
  let [board, notes, notesTree]: (ObjectId | undefined)[] = [head]
  const maker = { ...box, hash: objects.hash, head, tree }
  for await (const made of makeLog(maker, folds)) {
    const path = `${made.oid.slice(0, 2)}/${made.oid.slice(2)}`
    const changed = await changeTree(objects, notesTree, new Map([[path, made.note]]))
    const { message, seconds } = made
    const parents = notes === undefined ? [] : [notes]
    const commit = encodeCommit({ ...FOLD_AUTHOR, tree: changed.tree, parents, seconds, message })
    await objects.write([made.board, ...changed.objects, commit])
    board = made.oid
    notes = objectId(commit, objects.hash)
    notesTree = changed.tree
  }
  await fleet.force(layout.board, board)
  await fleet.force(layout.notes as RefName, notes)
}
