/**
 * A fleet: one coordination branch, its authority, and any number of clones with their sessions.
 *
 * The workflows under test get real toolboxes. `memory` keeps refs and objects in maps; `local` is one
 * hub as authority, `remote` a bare repository with one hub per clone, both with real git. Time stands
 * still until a test moves it; who sleeps moves it too, so that no test waits.
 */
import { writeFile } from 'node:fs/promises'
import {
  createHub,
  discoverRepository,
  gitObjectStore,
  type Hub,
  localRefStore,
  remoteRefStore,
} from '../../src/adapters/git/index.ts'
import { memoryAuthority, memoryObjectStore, memoryRefStore } from '../../src/adapters/memory/index.ts'
import { fakeClock, mapMemory, seededChance, seededKeyRing } from '../../src/adapters/memory/local.ts'
import { sha256OfBytes, sha256OfText } from '../../src/adapters/process/hashes.ts'
import { secretlintMask } from '../../src/adapters/secretlint/index.ts'
import { renderConfig } from '../../src/board/index.ts'
import { claimRef, type RefLayout, refLayout, sessionRef } from '../../src/claim/index.ts'
import {
  type Config,
  encodeCommit,
  GOVERNOR_DEFAULTS,
  type ObjectId,
  objectId,
  type RefName,
  type SessionName,
  type TaskKey,
  type TaskState,
  toSessionName,
} from '../../src/model/index.ts'
import type { Clock, LocalMemory, MoveOutcome, ObjectStore, RefMove, RefStore } from '../../src/ports/index.ts'
import { changeTree, findEntry, readCommit, readText } from '../../src/workflows/branch-tree.ts'
import { readBranch } from '../../src/workflows/read-branch.ts'
import type { Masked, Toolbox } from '../../src/workflows/toolbox.ts'
import { type Sandbox, sandbox } from './git-servers.ts'

export const BOARD = 'TASK-BOARD.md'
export const CONFIG: Config = {
  boards: [BOARD],
  boardId: '0123456789abcdef0123456789abcdef',
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

export type FleetKind = 'memory' | 'memory-remote' | 'local' | 'remote'

export interface FleetRequest {
  readonly kind: FleetKind
  readonly board: string
  readonly config?: Partial<Config>
  /** Further files of the branch, by path. */
  readonly files?: Readonly<Record<string, string>>
  readonly seed?: number
}

export interface FleetClock extends Clock {
  advance(ms: number): void
  setWall(wallMs: number): void
  reboot(): void
}

/** What a clone asked its authority for, and a place to make trouble at an exact moment. */
export interface Traffic {
  lists: number
  /** Lists that were looks: what they named was not made readable. */
  looks: number
  pushes: number
  /** The moves of every push, for tests that count or look. */
  readonly log: (readonly RefMove[])[]
  /** Called before a push arrives; what it answers is the answer, without the authority. */
  beforePush: ((moves: readonly RefMove[]) => Promise<MoveOutcome | undefined> | undefined) | undefined
  /** Called after a push was carried out, before its answer is told. */
  afterPush: ((outcome: MoveOutcome) => Promise<void> | undefined) | undefined
  beforeList: (() => Promise<void> | undefined) | undefined
}

export interface Clone {
  readonly box: Toolbox
  readonly traffic: Traffic
  readonly memory: LocalMemory
  /** Commits that the base branch contains; `undefined` = no such branch here. */
  merged: Set<ObjectId> | undefined
  /** Secrets that were masked here, in the order they were told. */
  readonly masked: Masked[]
  readonly hub: Hub | undefined
}

export interface PersonEdit {
  readonly by?: string
  readonly file?: string
}

export interface Fleet {
  readonly clock: FleetClock
  readonly kind: FleetKind
  readonly sandbox: Sandbox | undefined
  /** Where the refs are; `config: { refs: 'heads' }` asks for branches. */
  readonly layout: RefLayout
  /** Path of the bare repository, or of the hub where that is the authority. */
  readonly authority: string | undefined
  clone(): Promise<Clone>
  /** A person changes a file of the branch and pushes one plain commit. */
  edit(change: (text: string) => string | undefined, edit?: PersonEdit): Promise<ObjectId>
  text(file?: string): Promise<string | undefined>
  state(id: string): Promise<TaskState | undefined>
  refs(): Promise<ReadonlyMap<RefName, ObjectId>>
  claimOf(id: string): Promise<ObjectId | undefined>
  head(): Promise<ObjectId>
  /** Put a ref where a test wants it, past every rule. */
  force(ref: RefName, oid: ObjectId | undefined): Promise<void>
  close(): Promise<void>
}

export const layout = refLayout('custom')
export const keyOf = (id: string, board = BOARD): TaskKey => `${board}:${id}` as TaskKey
export const claimRefOf = (id: string): RefName => claimRef(layout, keyOf(id), sha256OfText)
export const sessionRefOf = (name: string): RefName => sessionRef(layout, toSessionName(name), sha256OfText)

interface Ground {
  readonly objects: ObjectStore
  readonly refs: RefStore
  readonly hub: Hub | undefined
}

interface World {
  /** Refs and objects of one more clone. */
  open(): Promise<Ground>
  /** Commit a file (`undefined` takes it away) on top of the branch and push. */
  commit(file: string, text: string | undefined, by: string): Promise<ObjectId>
  force(ref: RefName, oid: ObjectId | undefined): Promise<void>
  readonly sandbox: Sandbox | undefined
  readonly authority: string | undefined
  close(): Promise<void>
}

export async function fleet({ kind, board, config, files = {}, seed = 1 }: FleetRequest): Promise<Fleet> {
  const settings: Config = { ...CONFIG, authority: kind.endsWith('remote') ? 'remote' : 'local', ...config }
  const first = new Map(Object.entries({ '.if-board/config.yml': renderConfig(settings), [BOARD]: board, ...files }))
  const clock = restlessClock()
  const world = kind.startsWith('memory')
    ? await memoryWorld(kind, first, clock)
    : await gitWorld(kind, first, settings)
  const observer = await world.open()
  const places = refLayout(settings.refs)
  const head = async () => (await observer.refs.list()).get(layout.board) as ObjectId
  const text = async (file = BOARD) => {
    const { tree } = await readCommit(observer.objects, await head())
    const entry = await findEntry(observer.objects, tree, file)
    return entry === undefined ? undefined : readText(observer.objects, entry.oid)
  }
  const opened: ObjectStore[] = [observer.objects]
  let clones = 0
  return {
    clock,
    kind,
    sandbox: world.sandbox,
    layout: places,
    authority: world.authority,
    text,
    head,
    refs: () => observer.refs.list(),
    force: (ref, oid) => world.force(ref, oid),
    claimOf: async (id) => (await observer.refs.list()).get(claimRef(places, keyOf(id), sha256OfText)),
    async clone() {
      clones += 1
      // Before anything is awaited: clones that are opened at once draw different numbers.
      const own = `${seed}/${clones}`
      const ground = await world.open()
      opened.push(ground.objects)
      return makeClone(ground, settings, { clock, seed: own })
    },
    async edit(change, { by = 'Ada Person', file = BOARD } = {}) {
      return world.commit(file, change((await text(file)) ?? ''), by)
    },
    async state(id) {
      const box = (await makeClone(observer, settings, { clock, seed: 'observer' })).box
      return (await readBranch(box, await head())).states.get(keyOf(id))
    },
    async close() {
      await Promise.all(opened.map((objects) => objects.close()))
      await world.close()
    },
  }
}

/** A clock that goes on by itself when somebody sleeps. */
function restlessClock(): FleetClock {
  const clock = fakeClock()
  const sleep = async (ms: number) => {
    clock.advance(Math.max(0, ms))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { ...clock, sleep }
}

function makeClone(ground: Ground, config: Config, { clock, seed }: { clock: Clock; seed: string }): Clone {
  const traffic: Traffic = {
    lists: 0,
    looks: 0,
    pushes: 0,
    log: [],
    beforePush: undefined,
    afterPush: undefined,
    beforeList: undefined,
  }
  const memory = mapMemory()
  const clone: Clone = {
    traffic,
    memory,
    masked: [],
    merged: undefined,
    hub: ground.hub,
    box: {
      refs: watched(ground.refs, traffic),
      objects: ground.objects,
      memory,
      clock,
      chance: seededChance(seed),
      keys: seededKeyRing('fleet'),
      work: {
        head: async () => ({ branch: 'main', commit: undefined }),
        containedInHead: async () => new Set(),
        mergedInto: async (_base, commits) =>
          clone.merged === undefined ? undefined : new Set(commits.filter((commit) => clone.merged?.has(commit))),
        resolveCommit: async () => undefined,
      },
      secrets: secretlintMask(),
      tellMasked: (masked) => void clone.masked.push(masked),
      layout: refLayout(config.refs),
      sha256: sha256OfText,
      sha256Bytes: sha256OfBytes,
      emptyTree: objectId({ type: 'tree', body: new Uint8Array() }, ground.objects.hash),
      boardId: config.boardId,
      authority: config.authority,
      trigger: 'cli',
    },
  }
  return clone
}

function watched(refs: RefStore, traffic: Traffic): RefStore {
  return {
    guards: refs.guards,
    async list() {
      traffic.lists += 1
      await traffic.beforeList?.()
      return refs.list()
    },
    async peek() {
      traffic.lists += 1
      traffic.looks += 1
      await traffic.beforeList?.()
      return refs.peek()
    },
    async moveAll(moves, unchanged) {
      traffic.pushes += 1
      traffic.log.push(moves)
      const instead = await traffic.beforePush?.(moves)
      const outcome = instead ?? (await refs.moveAll(moves, unchanged))
      await traffic.afterPush?.(outcome)
      return outcome
    },
  }
}

const PERSON = 'person@example.invalid'

async function memoryWorld(kind: FleetKind, first: ReadonlyMap<string, string>, clock: Clock): Promise<World> {
  const objects = memoryObjectStore()
  const authority = memoryAuthority()
  const commit = async (changes: ReadonlyMap<string, string | undefined>, by: string) => {
    const head = authority.refs.get(layout.board)
    const root = head === undefined ? undefined : (await readCommit(objects, head)).tree
    const changed = await changeTree(objects, root, changes)
    const parents = head === undefined ? [] : [head]
    const seconds = Math.floor(clock.now().wallMs / 1000)
    const made = encodeCommit({ tree: changed.tree, parents, name: by, email: PERSON, seconds, message: 'Edit\n' })
    await objects.write([...changed.objects, made])
    const oid = objectId(made, objects.hash)
    authority.refs.set(layout.board, oid)
    return oid
  }
  await commit(first, 'Ada Person')
  return {
    open: async () => ({
      objects,
      refs: memoryRefStore(authority, { guards: kind === 'memory' }),
      hub: undefined,
    }),
    commit: (file, text, by) => commit(new Map([[file, text]]), by),
    async force(ref, oid) {
      if (oid === undefined) authority.refs.delete(ref)
      else authority.refs.set(ref, oid)
    },
    sandbox: undefined,
    authority: undefined,
    close: async () => undefined,
  }
}

async function gitWorld(kind: FleetKind, first: ReadonlyMap<string, string>, { refs }: Config): Promise<World> {
  const box = sandbox()
  const url = kind === 'remote' ? box.bare('authority.git') : undefined
  const local = url === undefined ? await hubIn(box, 'clone-0', { url: undefined, refs }) : undefined
  const authority = url ?? (local as Hub).path
  const branch = layout.board.slice('refs/heads/'.length)
  await box.repository('person')
  box.git('person', 'checkout', '--quiet', '--orphan', branch)
  await putFiles(box, first)
  box.git('person', 'commit', '--quiet', '--message=Begin [skip ci]')
  box.git('person', 'push', '--quiet', authority, branch)
  let clones = 0
  return {
    sandbox: box,
    authority,
    async open() {
      clones += 1
      const hub = local ?? (await hubIn(box, `clone-${clones}`, { url, refs }))
      const store = local === undefined ? remoteRefStore(hub) : localRefStore(hub)
      return { objects: gitObjectStore(hub), refs: store, hub }
    },
    async commit(file, text, by) {
      box.git('person', 'fetch', '--quiet', authority, branch)
      box.git('person', 'reset', '--quiet', '--hard', 'FETCH_HEAD')
      if (text === undefined) box.git('person', 'rm', '--quiet', file)
      else await putFiles(box, new Map([[file, text]]))
      box.git('person', 'commit', '--quiet', '--allow-empty', `--author=${by} <${PERSON}>`, '--message=Edit')
      box.git('person', 'push', '--quiet', authority, branch)
      return box.git('person', 'rev-parse', 'HEAD') as ObjectId
    },
    async force(ref, oid) {
      const place = authority.slice(box.root.length + 1)
      if (oid === undefined) box.git(place, '--git-dir=.', 'update-ref', '-d', ref)
      else box.git(place, '--git-dir=.', 'update-ref', ref, oid)
    },
    close: () => box.remove(),
  }
}

async function putFiles(box: Sandbox, files: ReadonlyMap<string, string>): Promise<void> {
  const { mkdir } = await import('node:fs/promises')
  for (const [path, text] of files) {
    await mkdir(box.path('person', path, '..'), { recursive: true })
    await writeFile(box.path('person', path), text)
  }
  box.git('person', 'add', '--force', ...files.keys())
}

async function hubIn(
  box: Sandbox,
  name: string,
  { url, refs }: Pick<Config, 'refs'> & { readonly url: string | undefined },
): Promise<Hub> {
  const repository = await discoverRepository(await box.repository(name, url), box.environment)
  const { boardId } = CONFIG
  if (url === undefined) return createHub(repository, { boardId, authority: 'local', refs })
  return createHub(repository, { boardId, authority: 'remote', refs, remote: { name: 'origin', url } })
}

/** A board with a status and a dependency column from `[id, status, dependencies]`. */
export function boardOf(...rows: readonly (readonly [string, string?, string?])[]): string {
  const lines = rows.map(([id, status = 'AVAILABLE', needs = 'None']) => `| ${id} | Do ${id} | ${status} | ${needs} |`)
  return ['# Board', '', '| ID | Task | Status | Dependencies |', '|---|---|---|---|', ...lines, ''].join('\n')
}

/** The status cell of a task on such a board. */
export function cell(text: string | undefined, id: string): string | undefined {
  const row = text?.split('\n').find((line) => line.startsWith(`| ${id} |`))
  return row?.split('|')[3]?.trim()
}

/** Change the status cell of a task on such a board. */
export function retype(id: string, status: string): (text: string) => string {
  return (text) =>
    text
      .split('\n')
      .map((line) => {
        const cells = line.split('|')
        if (cells[1]?.trim() !== id) return line
        return [...cells.slice(0, 3), ` ${status} `, ...cells.slice(4)].join('|')
      })
      .join('\n')
}

export const names = (count: number): SessionName[] =>
  Array.from({ length: count }, (_, index) => toSessionName(`session-${index + 1}`))
