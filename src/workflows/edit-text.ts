/**
 * `edit`: one board in a person's editor, looked at, and pushed by compare-and-push.
 *
 * The text under edit lies on a desk of this work tree, with the text that it began from:
 *
 *     nothing ──▶ draft {text, base} ──▶ pushed: the desk is cleared
 *                   │   ▲
 *                   │   └── somebody changed the same lines: text = both versions, base = the board now
 *                   └── closed with findings, no network, a crash: stays, and the next `edit` goes on with it
 *
 * So an edit is never lost: whatever fails, fails with the draft on the desk.
 */
import { type BoardName, type Diagnostic, IfBoardError, type ParsedBoard, printable } from '../model/index.ts'
import type { EditDesk } from '../ports/index.ts'
import { takeSnapshot } from '../projection/index.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { lintSnapshot } from './parse-files.ts'
import type { WholeReading } from './read.ts'
import { read } from './read.ts'
import { boardText } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export interface EditTools {
  readonly box: Toolbox
  readonly desk: EditDesk
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

export type EditOutcome =
  /** `merged`: with what somebody else changed meanwhile in other lines. */
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
    return await editLocked(tools, request)
  } finally {
    await lock.release()
  }
}

async function editLocked(tools: EditTools, request: EditRequest): Promise<EditOutcome> {
  const draft = await draftOf(tools, request.board)
  for (;;) {
    const closed = await tools.desk.open(draft.name)
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
    if (answer === 'keep') return kept(diagnostics)
    if (answer === 'push') return { kind: await push(tools, request, { ...draft, text }), diagnostics }
  }
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
  // In this order: a base without a text is nothing, a text without its base could not be merged.
  await desk.write(BASE, text)
  return { name, path: await desk.write(name, text), base: text }
}

function fileName(board: BoardName): string {
  const name = board.split('/').at(-1) ?? ''
  return name === BASE || name === MINE ? `board-${name}` : name
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
  const reading = await readOrRemembered(box)
  const [before, after] = [await lintAs(box, reading, board, base), await lintAs(box, reading, board, text)]
  const known = new Set(before.map(({ code, message }) => `${code} ${message}`))
  return [...conflictMarks(board, text), ...after.filter(({ code, message }) => !known.has(`${code} ${message}`))]
}

/** Without a network the text is judged by itself; pushing it will say that there is none. */
async function readOrRemembered(box: Toolbox): Promise<WholeReading | undefined> {
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
  const { parseBoard } = await import('../board/index.ts')
  const now = parseBoard(text, board, reading?.config)
  if (reading === undefined) return [...now.diagnostics]
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

/** Both versions of a line, left standing. */
function conflictMarks(board: BoardName, text: string): Diagnostic[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index): Diagnostic[] =>
    /^(?:<{7}|>{7}|\|{7}) (?:yours|when you began|on the board now)$/.test(line)
      ? [
          {
            code: 'edit/conflict-mark',
            severity: 'error',
            message: 'two versions of these lines stand here',
            hint: 'Keep one of them, and take the marks out',
            file: board,
            line: index + 1,
            column: 1,
          },
        ]
      : [],
  )
}

async function push(
  { box, desk }: EditTools,
  { board, author }: EditRequest,
  draft: Draft & { readonly text: string },
): Promise<'pushed' | 'merged'> {
  let kind: 'pushed' | 'merged' = 'pushed'
  try {
    await pushEdit(box, async (reading) => {
      const theirs = await boardText(box, reading.branch, board)
      const { text, merged } = await withTheirs(desk, draft, theirs)
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

async function withTheirs(desk: EditDesk, draft: Draft & { readonly text: string }, theirs: string) {
  if (theirs === draft.base) return { text: draft.text, merged: false }
  const { kind, text } = await desk.merge({ mine: draft.text, base: draft.base, theirs })
  if (kind === 'merged') return { text, merged: true }
  const mine = await desk.write(MINE, draft.text)
  await desk.write(draft.name, text)
  await desk.write(BASE, theirs)
  throw new IfBoardError('edit/conflict', 'somebody changed the same lines while you edited', {
    hint: `if-board edit opens both versions of them; yours alone is kept in ${printable(mine, 500)}`,
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
