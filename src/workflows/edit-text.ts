/**
 * `edit`: one board in a person's editor, looked at, and pushed by compare-and-push.
 *
 * The text under edit lies on a desk of this work tree, with the text that it began from:
 *
 *     nothing ──▶ draft {text, base} ──▶ pushed: the desk is cleared
 *                   │   ▲
 *                   │   └── somebody wrote other values into the same cells: text = both, base = the board now
 *                   └── closed with findings, no network, a crash: stays, and the next `edit` goes on with it
 *
 * So an edit is never lost: whatever fails, fails with the draft on the desk.
 */
import { type BoardName, type Diagnostic, IfBoardError, type ParsedBoard, printable } from '../model/index.ts'
import { BOARD_FILE, type EditDesk, type TextMerge } from '../ports/index.ts'
import { takeSnapshot } from '../projection/index.ts'
import { boardNamed, chooseBoard } from './add-task.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { lintSnapshot } from './parse-files.ts'
import type { WholeReading } from './read.ts'
import { read } from './read.ts'
import { boardText } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export interface EditTools {
  readonly box: Toolbox
  readonly desk: EditDesk
  readonly mergeLines: TextMerge
  /** What to do with a text that has findings; asked in the terminal. */
  readonly ask: (findings: readonly Diagnostic[]) => Promise<'again' | 'push' | 'keep'>
  /** One line beside the answer. */
  readonly tell: (line: string) => void
}

export interface EditRequest {
  readonly board: BoardName
  /** Push with warnings, unasked. */
  readonly yes: boolean
  /** Shown as author of the edit. */
  readonly author: string
}

/**
 * The board that is meant; without a network one of those that are `kept` on a desk, so that a person can go on.
 *
 * @throws IfBoardError `usage/invalid` where several fit or none, and what reading throws
 */
export async function boardToEdit(
  box: Toolbox,
  words: string | undefined,
  kept: () => Promise<readonly BoardName[]>,
): Promise<BoardName> {
  const reading = await readIfReachable(box)
  if (reading !== undefined) return chooseBoard(reading.snapshot, words)
  const names = await kept()
  return names.length > 0 ? boardNamed(names, words) : chooseBoard((await read(box)).snapshot, words)
}

export type EditOutcome =
  /** `merged`: with what somebody else changed meanwhile in other cells and lines. */
  | { readonly kind: 'pushed' | 'merged'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'kept'; readonly path: string; readonly diagnostics: readonly Diagnostic[] }

const BASE = 'began-from'
const MINE = 'yours.md'

/**
 * @throws IfBoardError `edit/no-editor`, `edit/open-elsewhere`, `edit/conflict`, and what reading and pushing throw;
 *   the draft stays whatever is thrown
 */
export async function editBoardText(tools: EditTools, request: EditRequest): Promise<EditOutcome> {
  const lock = await tools.desk.lock()
  if (lock === undefined)
    throw new IfBoardError('edit/open-elsewhere', `\`${request.board}\` is open in another editor of this work tree`, {
      hint: 'Close that one first; what it has goes to the board then',
    })
  try {
    return await editLocked({ ...tools, isOurs: lock.holds }, request)
  } finally {
    await lock.release()
  }
}

interface LockedTools extends EditTools {
  /** Not where this process was stopped for so long that another one goes on with the same draft. */
  readonly isOurs: () => Promise<boolean>
}

async function editLocked(tools: LockedTools, request: EditRequest): Promise<EditOutcome> {
  const draft = await draftOf(tools, request.board)
  for (;;) {
    const closed = await tools.desk.open(draft.name)
    await assertOurs(tools, draft)
    const text = await textOf(tools.desk, draft)
    if (text === draft.base) {
      await tools.desk.clear()
      if (closed === 'closed') return { kind: 'unchanged' }
      throw new IfBoardError('edit/no-editor', 'the editor ended with an error, and nothing was changed', {
        hint: 'Name another one with git config core.editor, or edit in a clone of the boards: if-board checkout',
      })
    }
    const kept = (diagnostics: readonly Diagnostic[]) => ({ kind: 'kept', path: draft.path, diagnostics }) as const
    if (closed === 'failed') return kept([])
    const diagnostics = await findingsIn(tools.box, request.board, draft.base, text)
    const answer = mayGo(diagnostics, request.yes) ? 'push' : await tools.ask(diagnostics)
    await assertOurs(tools, draft)
    if (answer === 'keep') return kept(diagnostics)
    if (answer === 'push') return { kind: await push(tools, request, { ...draft, text }), diagnostics }
  }
}

async function assertOurs({ isOurs }: LockedTools, { path }: Draft): Promise<void> {
  if (await isOurs()) return
  throw new IfBoardError('edit/open-elsewhere', 'another `if-board edit` has gone on with this draft meanwhile', {
    hint: `Close that one; what was saved last is in ${printable(path, 500)}: if-board edit`,
  })
}

interface Draft {
  /** The file on the desk: the board's own name, so that editors know what it is. */
  readonly name: string
  readonly path: string
  readonly base: string
}

/** The one that was kept, else the board as it is. */
async function draftOf({ box, desk, tell }: EditTools, board: BoardName): Promise<Draft> {
  const name = fileName(board)
  const [kept, base] = [await desk.read(name), await desk.read(BASE)]
  if (kept !== undefined && base !== undefined) {
    tell(`going on with your edit of ${board} that is not pushed yet`)
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(kept)
    return {
      name,
      path: await desk.write(name, text),
      base: new TextDecoder('utf-8', { ignoreBOM: true }).decode(base),
    }
  }
  const text = await boardText(box, (await read(box)).branch, board)
  await desk.write(BOARD_FILE, board)
  // In this order: a base without a text is nothing, a text without its base could not be merged.
  await desk.write(BASE, text)
  return { name, path: await desk.write(name, text), base: text }
}

function fileName(board: BoardName): string {
  const name = board.split('/').at(-1) ?? ''
  return [BASE, MINE, BOARD_FILE].includes(name) ? `board-${name}` : name
}

async function textOf(desk: EditDesk, { name, path, base }: Draft): Promise<string> {
  const bytes = await desk.read(name)
  if (bytes === undefined) return base
  const { decodeBoard } = await import('../board/index.ts')
  const decoded = decodeBoard(bytes, name as BoardName)
  if ('text' in decoded) return decoded.text
  throw new IfBoardError('board/not-text', decoded.diagnostic.message, {
    hint: `Save it as UTF-8 text, it is kept in ${printable(path, 500)}: if-board edit`,
  })
}

function mayGo(diagnostics: readonly Diagnostic[], yes: boolean): boolean {
  return diagnostics.every(({ severity }) => severity === 'info' || (yes && severity === 'warning'))
}

/** What the edit brings along: what the board had before is not this edit's to answer for. */
async function findingsIn(box: Toolbox, board: BoardName, base: string, text: string): Promise<Diagnostic[]> {
  const reading = await readIfReachable(box)
  const [before, after] = [await lintAs(box, reading, board, base), await lintAs(box, reading, board, text)]
  const known = new Set(before.map(({ code, message }) => `${code} ${message}`))
  return after.filter(({ code, message }) => !known.has(`${code} ${message}`))
}

/** Without a network the text is judged by itself; pushing it will say that there is none. */
async function readIfReachable(box: Toolbox): Promise<WholeReading | undefined> {
  try {
    return await read(box)
  } catch (error) {
    if (error instanceof IfBoardError && error.code === 'authority/unreachable') return undefined
    throw error
  }
}

async function lintAs(
  box: Toolbox,
  reading: WholeReading | undefined,
  board: BoardName,
  text: string,
): Promise<Diagnostic[]> {
  const { lintProject, parseBoard } = await import('../board/index.ts')
  const now = parseBoard(text, board, reading?.config)
  if (reading === undefined) return lintProject([now], new Map([[board, text]]))
  const boards = reading.facts.boards.map((one): ParsedBoard => (one.board.name === board ? now : one))
  const sources = new Map<BoardName, string>()
  for (const { board: other } of boards)
    sources.set(
      other.name,
      other.name === board ? text : await boardText(box, reading.branch, other.name).catch(() => ''),
    )
  const found = await lintSnapshot(takeSnapshot({ ...reading.facts, boards }), boards, sources)
  return found.filter(({ file }) => file === board)
}

async function push(
  { box, desk, mergeLines }: EditTools,
  { board, author }: EditRequest,
  draft: Draft & { readonly text: string },
): Promise<'pushed' | 'merged'> {
  let kind: 'pushed' | 'merged' = 'pushed'
  try {
    await pushEdit(box, async (reading) => {
      const theirs = await boardText(box, reading.branch, board)
      const { text, merged } = await withTheirs({ desk, mergeLines }, draft, theirs)
      kind = merged ? 'merged' : 'pushed'
      if (text === theirs) return undefined
      return editFiles(box, reading, { author, subject: `Edit ${board}`, changes: new Map([[board as string, text]]) })
    })
  } catch (error) {
    throw asKept(error, draft)
  }
  await desk.clear()
  return kind
}

/** Merged cell by cell, as in a checkout. */
async function withTheirs(
  { desk, mergeLines }: Pick<EditTools, 'desk' | 'mergeLines'>,
  draft: Draft & { readonly text: string },
  theirs: string,
) {
  if (theirs === draft.base) return { text: draft.text, merged: false }
  const { mergeBoards } = await import('../board/merge/index.ts')
  const { text, conflicts } = await mergeBoards({ base: draft.base, ours: draft.text, theirs }, mergeLines)
  if (conflicts.length === 0) return { text, merged: true }
  const mine = await desk.write(MINE, draft.text)
  await desk.write(draft.name, text)
  await desk.write(BASE, theirs)
  throw new IfBoardError('edit/conflict', 'somebody wrote something else into the same place while you edited', {
    hint: `if-board edit opens both versions; yours alone is kept in ${printable(mine, 500)}`,
  })
}

/** The same error, with where the text is. */
function asKept(error: unknown, { path }: Draft): unknown {
  if (!(error instanceof IfBoardError) || error.code === 'edit/conflict') return error
  return new IfBoardError(error.code, error.message, {
    hint: `Your text is kept in ${printable(path, 500)}; go on with it: if-board edit`,
    ...(error.place === undefined ? {} : { place: error.place }),
    cause: error,
  })
}
