/**
 * What this hub remembers of folds: the last one it saw, to notice a rewound branch.
 *
 * A head that does not contain the last fold was rewound, by a forced push or a restored backup:
 * completions would be offered again, and events sealed again. Everything that decides stops until a
 * person chooses. The fold that the newest commit of the notes ref names counts as seen: a hub may be
 * fresh, or may have missed the folds that were lost.
 */
import { IfBoardError, isObjectId, type ObjectId, type ParsedCommit } from '../model/index.ts'
import { parseNotesMessage } from '../witness/index.ts'
import { readCommit } from './branch-tree.ts'
import type { Toolbox } from './toolbox.ts'

/** Holds `<fold> <head> <notes>`: this head was found to contain this fold and that of these notes; `-` = none yet. */
export const LAST_FOLD = 'last-fold'
/** Commits walked back from a new head at most; a longer way counts as not containing it. */
const MAX_WALK = 100_000

export interface FoldMemory {
  /** The last fold, or what a person accepted as good; every head must contain it. */
  readonly fold: ObjectId | undefined
  /** A head that contains it. */
  readonly head: ObjectId | undefined
  /** What the notes ref held then. */
  readonly notes: ObjectId | undefined
}

/** Read it before the refs: a branch that is listed later and lacks this fold was rewound, not just old. */
export async function recallFold(box: Toolbox): Promise<FoldMemory> {
  const words = ((await box.memory.read(LAST_FOLD)) ?? '').trim().split(' ')
  const [fold, head, notes] = words.map((word) => (isObjectId(word) ? word : undefined))
  return { fold, head, notes }
}

export async function lastFold(box: Toolbox): Promise<ObjectId | undefined> {
  return (await recallFold(box)).fold
}

export async function rememberFold(box: Toolbox, { fold, head, notes }: FoldMemory): Promise<void> {
  await box.memory.write(LAST_FOLD, `${fold ?? '-'} ${head ?? '-'} ${notes ?? '-'}\n`)
}

/** The last fold that `head` does not contain, or `undefined` when all is well; then the newest is remembered. */
export async function missingFold(
  box: Toolbox,
  head: ObjectId,
  { known, notes }: { readonly known: FoldMemory; readonly notes: ObjectId | undefined },
): Promise<ObjectId | undefined> {
  if (known.head === head && known.notes === notes) return undefined
  const sealed = await foldOfNotes(box, notes)
  // That of the notes first: it is the newer one where a rewind lost both.
  for (const fold of [sealed, known.fold]) if (fold !== undefined && !(await contains(box, head, fold))) return fold
  const fold = known.fold ?? sealed
  const newest = (await newestFold(box, head, fold)) ?? fold
  // Another process of this clone may have seen a later fold meanwhile: its memory is the better one.
  if ((await recallFold(box)).fold === known.fold) await rememberFold(box, { fold: newest, head, notes })
  return undefined
}

export function rewound(head: ObjectId, fold: ObjectId): IfBoardError {
  return new IfBoardError(
    'board/rewound',
    `the coordination branch at \`${head.slice(0, 12)}\` does not contain the last fold \`${fold.slice(0, 12)}\``,
    {
      hint: 'To bring back what was recorded: if-board sync --restore; to go on from the branch as it is: if-board sync --accept',
    },
  )
}

async function foldOfNotes(box: Toolbox, notes: ObjectId | undefined): Promise<ObjectId | undefined> {
  if (notes === undefined) return undefined
  const checkpoint = parseNotesMessage((await readCommit(box.objects, notes)).message)?.checkpoint
  return checkpoint?.boardId === box.boardId ? checkpoint.board : undefined
}

/** Does the history of `head` contain `wanted`? */
export async function contains(box: Toolbox, head: ObjectId, wanted: ObjectId): Promise<boolean> {
  const seen = new Set<ObjectId>([head])
  for (const oid of seen) {
    if (oid === wanted) return true
    if (seen.size >= MAX_WALK) return false
    for (const parent of (await readCommit(box.objects, oid)).parents) seen.add(parent)
  }
  return false
}

export const FOLD_EMAIL = 'fold@if-board.invalid'

/**
 * Commits reachable from `head`, each once. Folds come newest first, each behind all that leads to it without another fold:
 * where people merge, a path that began before the newest fold may be the shorter one.
 */
export async function* history(box: Toolbox, head: ObjectId): AsyncGenerator<Reached> {
  const seen = new Set<ObjectId>([head])
  const queue: ObjectId[] = [head]
  const folds: Reached[] = []
  while (seen.size < MAX_WALK) {
    const oid = queue.shift()
    const reached =
      oid === undefined ? await takeNewest(box, folds) : { oid, commit: await readCommit(box.objects, oid) }
    if (reached === undefined) return
    if (oid !== undefined && reached.commit.author.email === FOLD_EMAIL) {
      folds.push(reached)
      continue
    }
    yield reached
    for (const parent of reached.commit.parents)
      if (!seen.has(parent)) {
        seen.add(parent)
        queue.push(parent)
      }
  }
}

interface Reached {
  readonly oid: ObjectId
  readonly commit: ParsedCommit
}

/** Each fold stands on the one before it; their clocks may differ, so the history decides. */
async function takeNewest(box: Toolbox, folds: Reached[]): Promise<Reached | undefined> {
  folds.sort((one, other) => other.commit.author.seconds - one.commit.author.seconds)
  let newest = folds[0]
  for (const other of folds.slice(1))
    if (newest !== undefined && !(await contains(box, newest.oid, other.oid))) newest = other
  if (newest !== undefined) folds.splice(folds.indexOf(newest), 1)
  return newest
}

async function newestFold(box: Toolbox, head: ObjectId, known: ObjectId | undefined): Promise<ObjectId | undefined> {
  for await (const { oid, commit } of history(box, head)) {
    if (commit.author.email === FOLD_EMAIL) return oid
    if (oid === known) return known
  }
  return undefined
}
