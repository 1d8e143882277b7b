/** Boards, config and state of one commit of the coordination branch. */
import type { ParseOptions } from '../board/index.ts'
import { matchBoards } from '../board/match.ts'
import type { Pin } from '../board/pins.ts'
import { parseStateShard, STATE_FOLDER } from '../claim/index.ts'
import type { FastState } from '../fast/projector.ts'
import {
  type BoardName,
  type Config,
  type Diagnostic,
  IfBoardError,
  type Ledger,
  type ObjectId,
  type ParsedBoard,
  printable,
  refKey,
  type SessionName,
  type TaskKey,
  type TaskState,
} from '../model/index.ts'
import { LEDGER_FILE } from '../witness/index.ts'
import { findEntry, listFiles, readBlob, readCommit, readText, readTree, TREE_MODE } from './branch-tree.ts'
import { FAST_STATE_FILE, NOTHING_FOLDED, parseFastState } from './fast/state.ts'
import type { Toolbox } from './toolbox.ts'

export const CONFIG_FILE = '.if-board/config.yml'
export const POLICY_FOLDER = '.if-board/policies'
/** For editors; nothing here reads it. */
export const CONFIG_SCHEMA_FILE = '.if-board/config.schema.json'
export const PINS_FILE = 'AUTONOMOUS-NEXT-TASKS.md'
export const AGENTS_FILE = 'agents.md'

/** What a commit of the branch holds, without what its boards and state files say. */
export interface BranchFrame {
  readonly head: ObjectId
  readonly tree: ObjectId
  readonly parents: readonly ObjectId[]
  readonly config: Config
  /** Boards that `boards:` names literally and that the branch does not have. */
  readonly missing: readonly string[]
  /** Blob of every board, for its text. */
  readonly blobs: ReadonlyMap<BoardName, ObjectId>
  /** Files outside `.if-board/`, by path. */
  readonly files: ReadonlyMap<string, ObjectId>
  /** What people pinned for sessions, in the order of the file. */
  readonly pins: readonly Pin[]
  /** What folds have counted; absent where none of them counted yet. */
  readonly ledger: Ledger | undefined
  /** What folds have taken from etcd. */
  readonly fast: FastState
  /** Cedar policies, by path, in its order. */
  readonly policies: readonly (readonly [path: string, blob: ObjectId])[]
}

export interface BranchFacts extends BranchFrame {
  readonly boards: readonly ParsedBoard[]
  readonly states: ReadonlyMap<TaskKey, TaskState>
}

/** What this process read last: a session that lives long asks about one head again and again. */
const newest = new WeakMap<Toolbox, BranchFacts>()

/** A commit never changes, so what was read of it once is read from the hub's memory; boards lie beside it by blob. */
export async function readBranch(box: Toolbox, head: ObjectId): Promise<BranchFacts> {
  const before = newest.get(box)
  if (before?.head === head) return before
  const known = (await rememberedBranch(box, head)) ?? (await readHead(box, head))
  const boards: ParsedBoard[] = []
  for (const [name, blob] of known.blobs)
    boards.push(await readBoard(box, name, { blob, implicit: known.config.implicit }))
  const facts = { ...known, boards }
  newest.set(box, facts)
  return facts
}

type KnownBranch = Omit<BranchFacts, 'boards'>

const BRANCH = 'cache/branch.json'
/** Bump when the meaning of what is remembered changes. */
const BRANCH_VERSION = 8
/** Above this many states one text of all of them costs more to read than their shards. */
const MAX_REMEMBERED_STATES = 20_000

interface SerializedBranch {
  readonly version: number
  readonly frame: SerializedFrame
  readonly states: readonly TaskState[]
}

export interface SerializedFrame
  extends Pick<BranchFrame, 'head' | 'tree' | 'parents' | 'missing' | 'pins' | 'ledger' | 'fast' | 'policies'> {
  readonly config: SerializedConfig
  readonly blobs: readonly (readonly [BoardName, ObjectId])[]
  readonly files: readonly (readonly [string, ObjectId])[]
}

export function serializeFrame(frame: BranchFrame): SerializedFrame {
  const { config, blobs, files, head, tree, parents, missing, pins, ledger, fast, policies } = frame
  const plain = { head, tree, parents, missing, pins, ledger, fast, policies }
  return { ...plain, config: serialize(config), blobs: [...blobs], files: [...files] }
}

export function reviveFrame(frame: SerializedFrame): BranchFrame {
  return { ...frame, config: revive(frame.config), blobs: new Map(frame.blobs), files: new Map(frame.files) }
}

async function rememberedBranch(box: Toolbox, head: ObjectId): Promise<KnownBranch | undefined> {
  const known = await remember<SerializedBranch>(box, BRANCH)
  if (known?.version !== BRANCH_VERSION || known.frame.head !== head) return undefined
  return { ...reviveFrame(known.frame), states: new Map(known.states.map((state) => [state.key, state])) }
}

async function rememberBranch(box: Toolbox, branch: KnownBranch): Promise<void> {
  if (branch.states.size > MAX_REMEMBERED_STATES) return
  const serialized: SerializedBranch = {
    version: BRANCH_VERSION,
    frame: serializeFrame(branch),
    states: [...branch.states.values()],
  }
  await box.memory.write(BRANCH, JSON.stringify(serialized))
}

async function readHead(box: Toolbox, head: ObjectId): Promise<KnownBranch> {
  const { tree, parents } = await readCommit(box.objects, head)
  const files = await listFiles(box.objects, tree, (folder) => folder === '.if-board')
  const config = await readConfig(box, tree)
  const names = matchBoards(config.boards, [...files.keys()])
  const blobs = new Map(names.map((name) => [name, files.get(name) as ObjectId]))
  const missing = config.boards.filter((pattern) => !pattern.includes('*') && !files.has(pattern))
  const states = await readStates(box, tree)
  const [pins, ledger] = [await readPins(box, files), await readLedger(box, tree)]
  const [policies, fast] = [await listPolicies(box, tree), await readFastState(box, tree)]
  const branch = { head, tree, parents, config, missing, blobs, files, pins, ledger, fast, policies, states }
  await rememberBranch(box, branch)
  return branch
}

/** A file of another kind, such as a link, is listed too: what cannot be read refuses, and is not passed over. */
export async function listPolicies(box: Toolbox, tree: ObjectId): Promise<BranchFrame['policies']> {
  const folder = await findEntry(box.objects, tree, POLICY_FOLDER)
  if (folder === undefined) return []
  const entries = folder.mode === TREE_MODE ? await readTree(box.objects, folder.oid) : [folder]
  return entries
    .filter(({ name }) => name.endsWith('.cedar') || folder.mode !== TREE_MODE)
    .map(({ name, oid }) => [`${POLICY_FOLDER}/${name}`, oid] as const)
}

async function readLedger(box: Toolbox, tree: ObjectId): Promise<Ledger | undefined> {
  const entry = await findEntry(box.objects, tree, LEDGER_FILE)
  if (entry === undefined) return undefined
  const { parseLedgerFile } = await import('../witness/ledger-file.ts')
  return parseLedgerFile(await readText(box.objects, entry.oid))
}

async function readFastState(box: Toolbox, tree: ObjectId): Promise<FastState> {
  const entry = await findEntry(box.objects, tree, FAST_STATE_FILE)
  return entry === undefined ? NOTHING_FOLDED : parseFastState(await readText(box.objects, entry.oid))
}

async function readPins(box: Toolbox, files: ReadonlyMap<string, ObjectId>): Promise<readonly Pin[]> {
  const blob = files.get(PINS_FILE)
  if (blob === undefined) return []
  const { parsePins } = await import('../board/pins.ts')
  return parsePins(await readText(box.objects, blob)).pins
}

async function readConfig(box: Toolbox, tree: ObjectId): Promise<Config> {
  const entry = await findEntry(box.objects, tree, CONFIG_FILE)
  if (entry === undefined)
    throw new IfBoardError('config/invalid', `the coordination branch has no \`${CONFIG_FILE}\``, {
      hint: 'Restore the file from the branch’s history, or run: if-board init',
    })
  const remembered = await remember<RememberedConfig>(box, 'cache/config.json')
  if (remembered?.version === CONFIG_VERSION && remembered.blob === entry.oid) return revive(remembered.config)
  const { parseConfig } = await import('../board/config.ts')
  const { config, diagnostics } = parseConfig(await readText(box.objects, entry.oid), CONFIG_FILE)
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (config === undefined || error !== undefined)
    throw new IfBoardError('config/invalid', error?.message ?? 'the configuration cannot be read', {
      hint: error?.hint ?? 'Correct the file on the coordination branch: if-board checkout',
      place: { file: CONFIG_FILE, line: error?.line ?? 1, column: error?.column ?? 1 },
    })
  const kept: RememberedConfig = { version: CONFIG_VERSION, blob: entry.oid, config: serialize(config) }
  await box.memory.write('cache/config.json', JSON.stringify(kept))
  return config
}

/** Bump when a key is added or its meaning changes, so that no older memory is believed. */
const CONFIG_VERSION = 5

interface RememberedConfig {
  readonly version: number
  readonly blob: ObjectId
  readonly config: SerializedConfig
}

type SerializedConfig = Omit<Config, 'pausedSessions'> & {
  readonly pausedSessions: readonly (readonly [SessionName, string])[]
}

function serialize(config: Config): SerializedConfig {
  return { ...config, pausedSessions: [...config.pausedSessions] }
}

function revive({ pausedSessions, ...config }: SerializedConfig): Config {
  return { ...config, pausedSessions: new Map(pausedSessions) }
}

/** Bump when the meaning of a parsed board changes, so that no older memory is believed. */
export const PARSE_VERSION = 7

interface BoardToRead extends ParseOptions {
  readonly blob: ObjectId
}

interface RememberedBoard extends BoardToRead {
  readonly version: number
  readonly parsed: ParsedBoard
}

async function readBoard(box: Toolbox, name: BoardName, { blob, implicit }: BoardToRead): Promise<ParsedBoard> {
  const file = `cache/board-${refKey(name, box.sha256)}.json`
  const found = await remember<RememberedBoard>(box, file)
  const known = found?.version === PARSE_VERSION && found.implicit === implicit ? found : undefined
  if (known?.blob === blob) return known.parsed
  const { decodeBoard, parseBoard } = await import('../board/index.ts')
  const decoded = decodeBoard(await readBlob(box.objects, blob), name)
  if ('diagnostic' in decoded) return unreadableBoard(name, decoded.diagnostic)
  const parsed = (await reparsed(box, known, decoded.text)) ?? parseBoard(decoded.text, name, { implicit })
  const remembered: RememberedBoard = { version: PARSE_VERSION, blob, ...(implicit && { implicit }), parsed }
  await box.memory.write(file, JSON.stringify(remembered))
  return parsed
}

/** Fewer tasks than this are parsed as fast as compared. */
const WORTH_COMPARING = 500

/** What was understood of the board before, and what differs in the rows that were edited since. */
async function reparsed(
  box: Toolbox,
  known: RememberedBoard | undefined,
  text: string,
): Promise<ParsedBoard | undefined> {
  if (known === undefined || known.parsed.board.tasks.length < WORTH_COMPARING) return undefined
  // The hub may have forgotten the older text.
  const bytes = await readBlob(box.objects, known.blob).catch(() => undefined)
  const { decodeBoard, reparse } = await import('../board/index.ts')
  const before = bytes === undefined ? undefined : decodeBoard(bytes, known.parsed.board.name)
  if (before === undefined || !('text' in before)) return undefined
  return reparse({ text: before.text, parsed: known.parsed }, text, known)
}

/** A board that is no text offers nothing, and says why wherever diagnostics are shown. */
function unreadableBoard(name: BoardName, diagnostic: Diagnostic): ParsedBoard {
  return { board: { name, title: undefined, tasks: [], paused: undefined }, diagnostics: [diagnostic] }
}

async function remember<T>(box: Toolbox, file: string): Promise<T | undefined> {
  const text = await box.memory.read(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined // half a file: read the objects again
  }
}

async function readStates(box: Toolbox, tree: ObjectId): Promise<Map<TaskKey, TaskState>> {
  const folder = await findEntry(box.objects, tree, STATE_FOLDER)
  const states = new Map<TaskKey, TaskState>()
  if (folder === undefined) return states
  for (const { mode, name, oid } of await readTree(box.objects, folder.oid)) {
    if (!mode.startsWith('100') || !/^[0-9a-f]{2}$/.test(name)) continue
    for (const state of parseStateShard(await readText(box.objects, oid), `${STATE_FOLDER}/${name}`))
      states.set(state.key, state)
  }
  return states
}

/** Text of a board as it stands on the branch. */
export async function boardText(box: Toolbox, branch: BranchFrame, name: BoardName): Promise<string> {
  const blob = branch.blobs.get(name)
  if (blob === undefined)
    throw new IfBoardError('board/missing', `the coordination branch has no board \`${printable(name)}\``)
  const { decodeBoard } = await import('../board/index.ts')
  const decoded = decodeBoard(await readBlob(box.objects, blob), name)
  if ('text' in decoded) return decoded.text
  throw new IfBoardError('board/not-text', decoded.diagnostic.message, { place: decoded.diagnostic })
}
