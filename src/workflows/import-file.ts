/**
 * `import`: tasks of another tool's file onto a board, one way.
 *
 * What the board has stays as people have it: a second run of the same file adds only what is new, and says
 * where file and board differ. No row says BLOCKED, so no state has to be written beside it.
 */
import type { ImportFormat, ImportReading, ImportRow } from '../board/index.ts'
import { matchBoards } from '../board/match.ts'
import { cycleDiagnostics } from '../graph/index.ts'
import {
  type BoardName,
  type BoardTask,
  type Diagnostic,
  IfBoardError,
  isBoardName,
  type ParsedBoard,
  printable,
  splitTaskKey,
  type TaskId,
} from '../model/index.ts'
import { takeSnapshot } from '../projection/index.ts'
import { findEntry, readText } from './branch-tree.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { addBoards } from './init-config.ts'
import type { WholeReading } from './read.ts'
import { boardText, CONFIG_FILE } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export { IMPORT_FORMATS } from '../board/import/formats.ts'

export interface ImportRequest {
  /** As typed: shown, and the board's name where none is given. */
  readonly file: string
  readonly bytes: Uint8Array
  readonly format: ImportFormat | undefined
  /** Path of the board on the branch; `undefined` = `boards/<name of the file>.md`. */
  readonly board: string | undefined
  readonly mode: 'apply' | 'dry-run'
  /** Shown as author of the edit. */
  readonly author: string
}

export interface ImportOutcome {
  readonly kind: 'imported' | 'unchanged' | 'dry-run'
  readonly board: BoardName
  readonly isNew: boolean
  readonly added: readonly TaskId[]
  /** Tasks of the file that the board had. */
  readonly kept: number
  /** The whole board as it is, or would be. */
  readonly text: string
  /** What was not understood, has no place, or differs; places are those of the file. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * @throws IfBoardError `import/not-understood`, `usage/invalid`, `board/not-text`, `board/cannot-edit`, `config/invalid`,
 *   `authority/busy`, `authority/refused`
 */
export async function importFile(box: Toolbox, request: ImportRequest): Promise<ImportOutcome> {
  const board = boardFor(request)
  const source = await readSource(request)
  let plan: Plan | undefined
  const prepare = async (reading: WholeReading) => {
    plan = await planOf(box, reading, { board, source, file: request.file })
    if (plan.text === plan.before) return undefined
    const config = await configWith(box, reading, board)
    const changes = new Map([[board as string, plan.text], ...config])
    const subject = `Import ${plan.added.length} tasks from ${printable(request.file, 200)}`
    return editFiles(box, reading, { author: request.author, subject, changes })
  }
  let kind: ImportOutcome['kind'] = 'dry-run'
  if (request.mode === 'apply') kind = (await pushEdit(box, prepare)) === 'changed' ? 'imported' : 'unchanged'
  else {
    const { read } = await import('./read.ts')
    await prepare(await read(box))
  }
  const { before, ...rest } = plan as Plan
  return { kind, board, isNew: before === undefined, ...rest }
}

function boardFor({ file, board }: ImportRequest): BoardName {
  const stem = (file.split(/[/\\]/).pop() ?? '').replace(/\.[^.]*$/, '')
  const name = board ?? `boards/${stem.replace(/[^\p{L}\p{N}._-]+/gu, '-')}`
  const path = /\.(?:md|markdown)$/i.test(name) ? name : `${name}.md`
  if (isBoardName(path) && !path.startsWith('.if-board/')) return path
  throw new IfBoardError('usage/invalid', `\`${printable(path, 100)}\` is no path for a board`, {
    hint: 'if-board import FILE --board boards/NAME.md',
  })
}

async function readSource({ file, bytes, format }: ImportRequest): Promise<ImportReading> {
  const { decodeBoard, failureOf, readImport } = await import('../board/index.ts')
  const decoded = decodeBoard(bytes, file as BoardName)
  if (!('text' in decoded))
    throw new IfBoardError('import/not-understood', `\`${printable(file, 200)}\`: ${decoded.diagnostic.message}`, {
      hint: 'Name a file of UTF-8 text, of at most 8 MiB',
    })
  const reading = readImport(decoded.text, file, format)
  const failure = failureOf(reading)
  if (failure === undefined) return reading
  throw new IfBoardError('import/not-understood', `\`${printable(file, 200)}\`: ${failure.message}`, {
    hint: failure.hint ?? 'if-board import --help',
  })
}

interface Plan {
  readonly before: string | undefined
  readonly text: string
  readonly added: readonly TaskId[]
  readonly kept: number
  readonly diagnostics: readonly Diagnostic[]
}

interface Source {
  readonly board: BoardName
  readonly source: ImportReading
  readonly file: string
}

async function planOf(box: Toolbox, reading: WholeReading, { board, source, file }: Source): Promise<Plan> {
  const { newBoard, parseBoard, rowsFor } = await import('../board/index.ts')
  const blob = reading.branch.files.get(board)
  const before = blob === undefined ? undefined : await textOf(box, reading, board)
  const old = before === undefined ? [] : parseBoard(before, board).board.tasks
  const there = sortOut(source, old)
  const rows = rowsFor(there.fresh, { known: there.known, taken: usedOn(reading, board) })
  const text = before === undefined ? newBoard(rows) : await appended(board, before, rows)
  const now = parseBoard(text, board)
  return {
    before,
    text,
    added: rows.map(({ id }) => id),
    kept: source.tasks.length - rows.length,
    diagnostics: [
      ...source.diagnostics,
      ...rows.flatMap((row) => rowFindings(row, file)),
      ...there.differences.map((message) => finding(file, 1, 'import/kept', message)),
      ...notReadBack(rows, now, file),
      ...newCycles(reading, now),
    ],
  }
}

/** Also a file that no pattern covers yet. */
async function textOf(box: Toolbox, reading: WholeReading, board: BoardName): Promise<string> {
  return boardText(box, { ...reading.branch, blobs: reading.branch.files as ReadonlyMap<BoardName, never> }, board)
}

/** Ids of tasks that are gone from this board: a new task must not inherit what was recorded of them. */
function usedOn({ branch }: WholeReading, board: BoardName): string[] {
  return [...branch.states.keys()].map(splitTaskKey).flatMap(({ board: name, id }) => (name === board ? [id] : []))
}

/** What is new, and where the board says something else: by id, and by title where the file has no ids. */
function sortOut({ tasks }: ImportReading, old: readonly BoardTask[]) {
  const byId = new Map(old.map((task) => [task.id.toLowerCase(), task]))
  const byTitle = new Map(old.map((task) => [task.title, task]))
  const fresh: (typeof tasks)[number][] = []
  const differences: string[] = []
  for (const task of tasks) {
    const same = task.id === undefined ? byTitle.get(task.title) : byId.get(task.id.toLowerCase())
    if (same === undefined) fresh.push(task)
    else if (same.title !== task.title)
      differences.push(`\`${same.id}\` has another title there: ${printable(task.title, 100)}; the board keeps its own`)
    else if ((same.status === 'done') !== (task.status === 'COMPLETED'))
      differences.push(
        `\`${same.id}\` is ${task.status.toLowerCase()} there and ${same.status} on the board, which stays`,
      )
  }
  return { fresh, differences, known: new Set<string>(old.map(({ id }) => id)) }
}

async function appended(board: BoardName, before: string, rows: readonly ImportRow[]): Promise<string> {
  if (rows.length === 0) return before
  const { addTasks, setStatuses, statusMeant } = await import('../board/index.ts')
  const nothing = new Set<string>()
  const { text } = addTasks(before, board, { tasks: rows, place: { kind: 'end' }, taken: nothing, mentioned: nothing })
  const statuses = rows.flatMap(({ id, status }) => {
    const meant = statusMeant(before, board, status).status
    return meant === 'available' || meant === 'unknown' ? [] : [{ id, status: meant }]
  })
  return setStatuses(text, board, statuses).text
}

async function configWith(box: Toolbox, { branch }: WholeReading, board: BoardName): Promise<[string, string][]> {
  if (matchBoards(branch.config.boards, [...branch.files.keys(), board]).includes(board)) return []
  const entry = await findEntry(box.objects, branch.tree, CONFIG_FILE)
  const text = entry === undefined ? '' : await readText(box.objects, entry.oid)
  return [[CONFIG_FILE, await addBoards(text, [board], [...branch.files.keys(), board])]]
}

function rowFindings({ id, line, unknown, cut }: ImportRow, file: string): Diagnostic[] {
  const shown = printable(id, 60)
  return [
    ...unknown.map((need) =>
      finding(
        file,
        line,
        'import/unknown-dependency',
        `\`${shown}\` waits for \`${printable(need, 60)}\`, which the file does not have; that blocks until: if-board unblock ${shown}`,
        'warning',
      ),
    ),
    ...(cut
      ? [finding(file, line, 'import/cut', `the description of \`${shown}\` is cut after 4000 characters`, 'warning')]
      : []),
  ]
}

/** Rows that the board does not say as they were meant. */
function notReadBack(rows: readonly ImportRow[], { board }: ParsedBoard, file: string): Diagnostic[] {
  const tasks = new Map(board.tasks.map((task) => [task.id, task]))
  return rows.flatMap(({ id, line, status }) => {
    const task = tasks.get(id)
    const shown = printable(id, 60)
    if (task === undefined)
      return [finding(file, line, 'import/not-read', `\`${shown}\` would not be read on the board`, 'error')]
    return task.status === 'unknown'
      ? [
          finding(
            file,
            line,
            'import/unknown-status',
            `\`${shown}\` is \`${printable(status, 60)}\`, which is no status here; it is not offered`,
            'warning',
          ),
        ]
      : []
  })
}

function newCycles({ facts, snapshot }: WholeReading, now: ParsedBoard): Diagnostic[] {
  const others = facts.boards.filter(({ board }) => board.name !== now.board.name)
  const known = new Set(cycleDiagnostics(snapshot.project).map(({ message }) => message))
  const after = takeSnapshot({ ...facts, boards: [...others, now] })
  return cycleDiagnostics(after.project).filter(({ message }) => !known.has(message))
}

function finding(
  file: string,
  line: number,
  code: string,
  message: string,
  severity: Diagnostic['severity'] = 'info',
): Diagnostic {
  return { code, severity, message, file, line, column: 1 }
}
