/** The coordination branch as `init` writes it: its first commit, and boards that are added later. */
import { parseStateShard, renderStateShard, STATE_FOLDER } from '../claim/index.ts'
import {
  type Config,
  encodeCommit,
  type GitObject,
  IfBoardError,
  type ObjectId,
  objectId,
  type Sha256,
  shardOf,
  type TaskState,
} from '../model/index.ts'
import type { Chance, Clock, ObjectStore, WorkFiles } from '../ports/index.ts'
import { changeTree, type FileChanges, findEntry, listFiles, readCommit, readText } from './branch-tree.ts'
import { addBoards, type BranchSettings, configSchema, firstConfig } from './init-config.ts'
import { present, type Source } from './init-sources.ts'
import { AGENTS_FILE, CONFIG_FILE, CONFIG_SCHEMA_FILE, PINS_FILE } from './read-branch.ts'
import { sayableTitle } from './sayable-boards.ts'
import type { Masking } from './toolbox.ts'

const FIRST_BOARD = 'TASK-BOARD.md'

export interface BranchTools extends Masking {
  readonly objects: ObjectStore
  readonly files: WorkFiles
  readonly clock: Clock
  readonly chance: Chance
  readonly sha256: Sha256
}

export interface PreparedBranch {
  readonly commit: ObjectId
  readonly objects: readonly GitObject[]
  /** Paths of the branch that this commit adds. */
  readonly made: readonly string[]
}

/** The orphan root: boards, the two pages for people and sessions, the config, what BLOCKED rows said. */
export async function firstCommit(
  tools: BranchTools,
  sources: readonly Source[],
  settings: BranchSettings,
): Promise<PreparedBranch> {
  const changes = new Map<string, string>()
  for (const source of sources) changes.set(source.board, present(source).text)
  if (sources.length === 0) changes.set(FIRST_BOARD, await tools.files.template(FIRST_BOARD))
  const boards = [...changes.keys()]
  for (const name of [AGENTS_FILE, PINS_FILE]) changes.set(name, await tools.files.template(name))
  changes.set(CONFIG_FILE, await firstConfig(boards, settings))
  changes.set(CONFIG_SCHEMA_FILE, await configSchema())
  for (const [path, text] of await stateChanges(tools, undefined, sources)) changes.set(path, text)
  return prepare(tools, { root: undefined, parent: undefined, changes, subject: 'Begin the task board' })
}

export type SourceOutcome = 'added' | 'present' | 'differs'

export interface PreparedAddition {
  readonly outcomes: ReadonlyMap<Source, SourceOutcome>
  /** `undefined`: the branch has them all. */
  readonly addition: PreparedBranch | undefined
}

/** Put files on the branch that it does not have yet; what is there stays as it is. */
export async function addSources(
  tools: BranchTools,
  head: ObjectId,
  sources: readonly Source[],
): Promise<PreparedAddition> {
  const { tree } = await readCommit(tools.objects, head)
  const there = await listFiles(tools.objects, tree, (folder) => folder === '.if-board')
  const outcomes = new Map<Source, SourceOutcome>()
  for (const source of sources) outcomes.set(source, await compare(tools, there, source))
  const added = sources.filter((source) => outcomes.get(source) === 'added')
  if (added.length === 0) return { outcomes, addition: undefined }
  const changes = new Map<string, string>(added.map((source) => [source.board, present(source).text]))
  const config = await readConfigText(tools.objects, tree)
  const boards = added.map(({ board }) => board)
  changes.set(CONFIG_FILE, await addBoards(config, boards, [...there.keys(), ...boards]))
  for (const [path, text] of await stateChanges(tools, tree, added)) changes.set(path, text)
  const subject = `Add ${boards.join(', ')}`
  return { outcomes, addition: await prepare(tools, { root: tree, parent: head, changes, subject }) }
}

/** A branch without a configuration is somebody's own. */
export async function holdsBoards(objects: ObjectStore, head: ObjectId): Promise<boolean> {
  const { tree } = await readCommit(objects, head)
  return (await findEntry(objects, tree, CONFIG_FILE)) !== undefined
}

/** @throws IfBoardError `config/invalid` */
export async function readBranchConfig(objects: ObjectStore, head: ObjectId): Promise<Config> {
  const { parseConfig } = await import('../board/config.ts')
  const { tree } = await readCommit(objects, head)
  const { config, diagnostics } = parseConfig(await readConfigText(objects, tree), CONFIG_FILE)
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (config !== undefined && error === undefined) return config
  throw new IfBoardError('config/invalid', error?.message ?? 'the configuration cannot be read', {
    hint: error?.hint ?? 'Correct the file on the coordination branch',
    place: { file: CONFIG_FILE, line: error?.line ?? 1, column: error?.column ?? 1 },
  })
}

async function readConfigText(objects: ObjectStore, tree: ObjectId): Promise<string> {
  const entry = await findEntry(objects, tree, CONFIG_FILE)
  if (entry !== undefined) return readText(objects, entry.oid)
  throw new IfBoardError('config/invalid', `the coordination branch has no \`${CONFIG_FILE}\``, {
    hint: 'Restore the file from the branch’s history',
  })
}

async function compare(
  { objects }: BranchTools,
  there: ReadonlyMap<string, ObjectId>,
  source: Source,
): Promise<SourceOutcome> {
  // A checkout on a file system that folds case could not hold both.
  const name = [...there.keys()].find((path) => path.toLowerCase() === source.board.toLowerCase())
  const oid = name === undefined ? undefined : there.get(name)
  if (oid === undefined) return present(source) && 'added'
  if (source.content === undefined) return 'present'
  const blob = objectId({ type: 'blob', body: source.content.bytes }, objects.hash)
  return blob === oid ? 'present' : 'differs'
}

/** Rows that say BLOCKED get an entry, so that the word is known to be no decision of today. */
async function stateChanges(
  tools: BranchTools,
  tree: ObjectId | undefined,
  sources: readonly Source[],
): Promise<Map<string, string>> {
  const { objects, sha256 } = tools
  const shards = new Map<string, TaskState[]>()
  for (const { content } of sources)
    for (const { key, title, status } of content?.parsed.board.tasks ?? []) {
      if (status !== 'blocked') continue
      const shard = shardOf(key, sha256)
      const state: TaskState = {
        key,
        shown: 'blocked',
        grants: 0,
        failures: 0,
        title: await sayableTitle(tools, title),
      }
      shards.set(shard, [...(shards.get(shard) ?? []), state])
    }
  const changes = new Map<string, string>()
  for (const [shard, states] of shards) {
    const path = `${STATE_FOLDER}/${shard}`
    const entry = tree === undefined ? undefined : await findEntry(objects, tree, path)
    const kept = entry === undefined ? [] : parseStateShard(await readText(objects, entry.oid), path)
    const known = new Set(kept.map(({ key }) => key))
    changes.set(path, renderStateShard([...kept, ...states.filter(({ key }) => !known.has(key))]))
  }
  return changes
}

interface CommitPlan {
  readonly root: ObjectId | undefined
  readonly parent: ObjectId | undefined
  readonly changes: FileChanges
  readonly subject: string
}

async function prepare(tools: BranchTools, { root, parent, changes, subject }: CommitPlan): Promise<PreparedBranch> {
  const changed = await changeTree(tools.objects, root, changes)
  const commit = encodeCommit({
    tree: changed.tree,
    parents: parent === undefined ? [] : [parent],
    name: 'if-board',
    email: 'init@if-board.invalid',
    seconds: Math.floor(tools.clock.now().wallMs / 1000),
    // The id keeps two machines that begin in the same second with the same files apart.
    message: `${subject} [skip ci]\n\nWritten by if-board init, id ${tools.chance.hex(8)}.\n`,
  })
  return {
    commit: objectId(commit, tools.objects.hash),
    objects: [...changed.objects, commit],
    made: [...changes.keys()].sort(),
  }
}
