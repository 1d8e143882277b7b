/** `parse` and `lint FILE…`: what is understood of boards by their text alone, outside any repository. */
import { vocabularyOf } from '../governor/index.ts'
import { cycleDiagnostics } from '../graph/index.ts'
import {
  type BoardName,
  type Config,
  type Diagnostic,
  GOVERNOR_DEFAULTS,
  isBoardName,
  type ParsedBoard,
  printable,
  type TaskKey,
  type TaskState,
  toBoardName,
} from '../model/index.ts'
import { type Snapshot, type TaskItem, takeSnapshot, taskItem } from '../projection/index.ts'
import { lintGraph } from './lint-graph.ts'
import type { TaskList } from './views-list.ts'

export interface SourceFile {
  /** Path as it was typed: shown in diagnostics, never opened here. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** `parse FILE…`: the shape of `list`, with the diagnostics of text and links. */
export async function parseFiles(files: readonly SourceFile[]): Promise<TaskList> {
  const { snapshot, paths } = await readFiles(files)
  return {
    tasks: [...snapshot.views.values()].map((view): TaskItem => {
      const item = taskItem(view)
      // On a branch a person's `in review` sets a task aside; by the text alone it says where the work stands.
      return view.task.status === 'review' ? { ...item, status: 'review', pausedBecause: null } : item
    }),
    diagnostics: asTyped(sortByPlace([...snapshot.diagnostics, ...cycleDiagnostics(snapshot.project)]), paths),
  }
}

export interface LintReport {
  /** Each finding once, by file in the order given, then by place. */
  readonly diagnostics: readonly Diagnostic[]
}

/** `lint FILE…`: parse, links, cycles, rules over all boards, and words that contradict the dependencies. */
export async function lintFiles(files: readonly SourceFile[]): Promise<LintReport> {
  const { snapshot, boards, sources, paths } = await readFiles(files)
  return { diagnostics: asTyped(await lintSnapshot(snapshot, boards, sources), paths) }
}

/** The findings of `lint`, for boards that are already read; `sources` are their texts. */
export async function lintSnapshot(
  snapshot: Snapshot,
  boards: readonly ParsedBoard[],
  sources: ReadonlyMap<BoardName, string>,
): Promise<Diagnostic[]> {
  const { lintProject } = await import('../board/lint/index.ts')
  return sortByPlace([
    ...snapshot.diagnostics,
    ...cycleDiagnostics(snapshot.project),
    ...lintProject(boards, sources, vocabularyOf(snapshot.config.governor.capabilities)),
    ...lintGraph(snapshot),
  ])
}

async function readFiles(files: readonly SourceFile[]) {
  const { decodeBoard, parseBoard } = await import('../board/index.ts')
  const boards: ParsedBoard[] = []
  const sources = new Map<BoardName, string>()
  const paths = new Map<string, string>()
  for (const [index, { name: typed, bytes }] of files.entries()) {
    const name = boardNameOf(typed, index, sources)
    const decoded = decodeBoard(bytes, name)
    const text = 'text' in decoded ? decoded.text : undefined
    sources.set(name, text ?? '')
    paths.set(name, typed)
    const board =
      text === undefined
        ? { board: { name, title: undefined, tasks: [], paused: undefined }, diagnostics: diagnosticsOf(decoded) }
        : parseBoard(text, name)
    boards.push(board)
  }
  return { boards, sources, paths, snapshot: snapshotOf(boards) }
}

/** Places name the path that was typed, so that a terminal or an editor can open it. */
function asTyped(diagnostics: readonly Diagnostic[], paths: ReadonlyMap<string, string>): Diagnostic[] {
  return diagnostics.map((one) => ({ ...one, file: paths.get(one.file) ?? one.file }))
}

function diagnosticsOf(decoded: { text: string } | { diagnostic: Diagnostic }): Diagnostic[] {
  return 'diagnostic' in decoded ? [decoded.diagnostic] : []
}

/** Base name, as `init --from` files it on the branch; a second file of that name gets a number before it. */
function boardNameOf(typed: string, index: number, taken: ReadonlyMap<BoardName, string>): BoardName {
  const base = printable(typed.split(/[/\\]/).pop() ?? '', 200)
  const name = base.replace(/[:*?"<>|]/g, '_')
  const safe = isBoardName(name) ? name : toBoardName(`file-${index + 1}.md`)
  return taken.has(safe) ? toBoardName(`${index + 1}/${safe}`) : safe
}

/** What a fresh project has. */
export const PLAIN_CONFIG: Config = {
  boards: [],
  boardId: '0'.repeat(32),
  authority: 'local',
  refs: 'custom',
  leaseMinutes: 30,
  foldEverySeconds: 5,
  doneWhen: 'reported',
  baseBranch: undefined,
  maxTasks: 1,
  maxClaims: undefined,
  pausedSessions: new Map(),
  governor: GOVERNOR_DEFAULTS,
  doNotTouch: [],
}

function snapshotOf(boards: readonly ParsedBoard[]): Snapshot {
  return takeSnapshot({
    config: PLAIN_CONFIG,
    boards,
    states: freshStates(boards),
    claims: [],
    rowsBefore: new Set(),
    unreadable: new Set(),
    sessions: [],
    active: new Set(),
    since: 0,
  })
}

/** The state that taking these boards over gives them: a BLOCKED that stands there is information, no decision. */
export function freshStates(boards: readonly ParsedBoard[]): Map<TaskKey, TaskState> {
  const states = new Map<TaskKey, TaskState>()
  for (const { board } of boards)
    for (const { key, status } of board.tasks)
      if (status === 'blocked') states.set(key, { key, shown: 'blocked', grants: 0, failures: 0 })
  return states
}

/** Each finding once; files in order of their first finding's file name, then by line and column. */
function sortByPlace(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const once = new Map(
    diagnostics.map((one) => [`${one.file}:${one.line}:${one.column}:${one.code}:${one.message}`, one]),
  )
  return [...once.values()].sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
