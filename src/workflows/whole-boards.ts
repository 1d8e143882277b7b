/**
 * A board that is gone from the branch, or is no text, hides its tasks. Nothing may be concluded from
 * their absence: neither that the work is finished, nor that a claim has lost its row.
 */
import { type Diagnostic, IfBoardError, type ObjectId, printable } from '../model/index.ts'
import { findEntry } from './branch-tree.ts'
import { history } from './fold-memory.ts'
import type { Reading, WholeReading } from './read.ts'
import { CONFIG_FILE } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

/** Commits walked back to find out who took a board away. */
const MAX_WALK = 1000

const UNREADABLE = ['board/not-text', 'board/too-large'] as const

/** @throws IfBoardError `board/missing`, `board/not-text`, `board/too-large` */
export function assertBoardsWhole(reading: Pick<WholeReading, 'branch' | 'head'>): void {
  const [first] = missingBoards(reading)
  if (first !== undefined)
    throw new IfBoardError('board/missing', first.message, { hint: first.hint ?? '', place: first })
  for (const { diagnostics } of reading.branch.boards)
    for (const code of UNREADABLE) {
      const found = diagnostics.find((diagnostic) => diagnostic.code === code)
      if (found !== undefined) throw new IfBoardError(code, found.message, { hint: found.hint ?? '', place: found })
    }
}

/** One finding for each board that the configuration names and the branch does not have. */
export function missingBoards({ branch, head }: Pick<Reading, 'branch' | 'head'>): Diagnostic[] {
  return branch.missing.map((name) => ({
    code: 'board/missing',
    severity: 'error',
    message: `the board \`${printable(name)}\` of the configuration is not on the branch at \`${head.slice(0, 12)}\``,
    hint: 'Bring the file back from the branch’s history, or correct `boards` in .if-board/config.yml: if-board checkout',
    file: CONFIG_FILE,
    line: 1,
    column: 1,
  }))
}

/**
 * A fold names the commit that took a configured board away, so that a person can look at it.
 *
 * @throws IfBoardError `board/missing`
 */
export async function assertBoardsKept(box: Toolbox, { branch, head }: Reading): Promise<void> {
  const [name] = branch.missing
  if (name === undefined) return
  const removal = await removalOf(box, head, name)
  if (removal === undefined) return
  const short = removal.oid.slice(0, 12)
  throw new IfBoardError(
    'board/missing',
    `the board \`${printable(name)}\` is gone since \`${short}\` by ${removal.by}`,
    {
      hint: `Look at that change, and bring the file back from before it: git show ${short}`,
      place: { file: CONFIG_FILE, line: 1, column: 1 },
    },
  )
}

/** The oldest commit of the newest run of commits that lack the file; `undefined` when none had it. */
async function removalOf(box: Toolbox, head: ObjectId, path: string) {
  let removal: { readonly oid: ObjectId; readonly by: string } | undefined
  let walked = 0
  for await (const { oid, commit } of history(box, head)) {
    walked += 1
    if (walked > MAX_WALK) return undefined
    if ((await findEntry(box.objects, commit.tree, path)) !== undefined) return removal
    removal = { oid, by: printable(commit.author.name, 100) || 'somebody' }
  }
  return undefined
}
