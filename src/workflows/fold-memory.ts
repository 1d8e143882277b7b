/**
 * What this hub remembers of folds: the last one it saw, to notice a rewound branch.
 *
 * A head that does not contain the last fold was rewound, by a forced push or a restored backup:
 * completions would be offered again. Everything that decides stops until a person chooses.
 */
import { IfBoardError, isObjectId, type ObjectId } from '../model/index.ts'
import { readCommit } from './branch-tree.ts'
import type { Toolbox } from './toolbox.ts'

const LAST_FOLD = 'last-fold'
const GOOD_HEAD = 'good-head'
/** Commits walked back from a new head at most; a longer way counts as not containing it. */
const MAX_WALK = 100_000

export async function lastFold(box: Toolbox): Promise<ObjectId | undefined> {
  const text = (await box.memory.read(LAST_FOLD))?.trim() ?? ''
  return isObjectId(text) ? text : undefined
}

export async function rememberFold(box: Toolbox, fold: ObjectId): Promise<void> {
  await box.memory.write(LAST_FOLD, `${fold}\n`)
}

/** @throws IfBoardError `board/rewound` */
export async function assertContainsLastFold(box: Toolbox, head: ObjectId): Promise<void> {
  if ((await box.memory.read(GOOD_HEAD))?.trim() === head) return
  const fold = await lastFold(box)
  if (fold !== undefined && !(await contains(box, head, fold)))
    throw new IfBoardError(
      'board/rewound',
      `the coordination branch at \`${head.slice(0, 12)}\` does not contain the last fold \`${fold.slice(0, 12)}\``,
      {
        hint: 'To bring back what was recorded: if-board sync --restore; to go on from the branch as it is: if-board sync --accept',
      },
    )
  const newest = await newestFold(box, head, fold)
  if (newest !== undefined) await rememberFold(box, newest)
  await box.memory.write(GOOD_HEAD, `${head}\n`)
}

/** Does the history of `head` contain `wanted`? */
export async function contains(box: Toolbox, head: ObjectId, wanted: ObjectId): Promise<boolean> {
  for await (const { oid } of history(box, head)) if (oid === wanted) return true
  return false
}

/** Commits reachable from `head`, each once, children before what they lead to. */
export async function* history(box: Toolbox, head: ObjectId) {
  const seen = new Set<ObjectId>([head])
  const queue: ObjectId[] = [head]
  for (let oid = queue.shift(); oid !== undefined && seen.size < MAX_WALK; oid = queue.shift()) {
    const commit = await readCommit(box.objects, oid)
    yield { oid, commit }
    for (const parent of commit.parents)
      if (!seen.has(parent)) {
        seen.add(parent)
        queue.push(parent)
      }
  }
}

export const FOLD_EMAIL = 'fold@if-board.invalid'

async function newestFold(box: Toolbox, head: ObjectId, known: ObjectId | undefined): Promise<ObjectId | undefined> {
  for await (const { oid, commit } of history(box, head)) {
    if (commit.author.email === FOLD_EMAIL) return oid
    if (oid === known) return known
  }
  return undefined
}
