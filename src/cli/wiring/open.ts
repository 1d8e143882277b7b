/** From the current directory to a toolbox: repository → hub → ports. */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { cedarEngine } from '../../adapters/cedar/index.ts'
import { fileKeyRing } from '../../adapters/fs/key-ring.ts'
import { fileMemory } from '../../adapters/fs/local-memory.ts'
import {
  discoverRepository,
  gitObjectStore,
  gitWorkRepository,
  type Hub,
  localRefStore,
  openHub,
  type Repository,
  remoteRefStore,
} from '../../adapters/git/index.ts'
import { systemChance } from '../../adapters/process/chance.ts'
import { systemClock } from '../../adapters/process/clock.ts'
import { waitForFileLock } from '../../adapters/process/file-lock.ts'
import { sha256OfBytes, sha256OfText } from '../../adapters/process/hashes.ts'
import { secretlintMask } from '../../adapters/secretlint/index.ts'
import { refLayout } from '../../claim/index.ts'
import { IfBoardError, objectId } from '../../model/index.ts'
import type { Asker, Place } from '../../workflows/identity.ts'
import type { CommandRunner, JobTools, ServiceDesk } from '../../workflows/jobs/tools.ts'
import type { Spending, Toolbox } from '../../workflows/toolbox.ts'
import { maskedTeller } from '../masked.ts'
import type { Shell } from '../shell.ts'
import { toolSession } from '../tool-session.ts'

export interface Opened {
  readonly box: Toolbox
  readonly place: Place
  readonly asker: Asker
  readonly hub: Hub
  readonly repository: Repository
  /** A watcher's process has these boards open; it folds by itself. */
  readonly isHosted: boolean
  close(): Promise<void>
}

/**
 * @throws IfBoardError `repo/not-found`, `board/not-initialised`, `authority/choose`, `authority/unreachable`
 */
export async function open(shell: Shell): Promise<Opened> {
  const repository = await discoverRepository(shell.cwd, shell.environment)
  const hub = await openHub(repository)
  if (hub?.binding.boardId !== undefined) return openOn(hub, shell)
  const { bindToExisting } = await import('./bind.ts')
  return openOn(await bindToExisting(repository, shell), shell)
}

/** A toolbox on a hub that is there. */
function openOn(hub: Hub, shell: Shell): Opened {
  const { repository } = hub
  const objects = gitObjectStore(hub)
  const jobs = lazyJobs(repository, shell, () => ({ box: adopted, hub, repository }))
  const box: Toolbox = {
    objects,
    refs: hub.binding.authority === 'local' ? localRefStore(hub) : remoteRefStore(hub),
    memory: fileMemory(memoryFolder(hub)),
    keys: fileKeyRing(keyFolder(hub)),
    clock: systemClock({ stop: shell.stop }),
    chance: systemChance,
    work: gitWorkRepository(repository),
    secrets: secretlintMask(),
    tellMasked: maskedTeller(shell),
    layout: refLayout(hub.binding.refs, hub.binding.branch),
    sha256: sha256OfText,
    sha256Bytes: sha256OfBytes,
    emptyTree: objectId({ type: 'tree', body: new Uint8Array() }, objects.hash),
    boardId: hub.binding.boardId ?? '',
    authority: hub.binding.authority,
    trigger: 'cli',
    spending: lazySpending(shell),
    policies: cedarEngine(),
    jobs: jobs.tools,
    // Asked for where a task needs capabilities alone.
    registry: async () => (await import('./registry.ts')).registryTools(hub),
  }
  const { host } = shell
  const adopted = host === undefined ? box : host.adopt(box, hub.path)
  return {
    box: adopted,
    place: placeOf(hub),
    asker: askerOf(repository, shell),
    hub,
    repository,
    isHosted: host !== undefined,
    close: async () => {
      await Promise.all([objects.close(), jobs.close()])
    },
  }
}

/** Processes of the chassis that are kept started by a program that stays: a watcher, or a server of MCP. */
const AHEAD = 1

/** Loaded where a task has a check or a body. */
function lazyJobs(repository: Repository, shell: Shell, here: () => Pick<Opened, 'box' | 'hub' | 'repository'>) {
  const commands: CommandRunner = async (run) => (await import('./job-commands.ts')).jobCommands(here(), shell)(run)
  const desk = async () => (await import('./job-services.ts')).jobServices(here())
  const services: ServiceDesk = {
    missing: async () => (await desk()).missing(),
    open: async (wish) => (await desk()).open(wish),
  }
  let tools: Promise<JobTools> | undefined
  return {
    tools() {
      const ahead = shell.stays === true ? AHEAD : 0
      tools ??= import('./jobs.ts').then(({ jobTools }) => jobTools({ repository, ahead, commands, services }))
      return tools
    },
    close: async () => (await tools)?.repository.objects.close(),
  }
}

/** Loaded when it is asked; a terminal without a coding tool around it has no transcript of its own. */
function lazySpending(shell: Shell): Spending {
  const load = async () => (await import('./spending.ts')).ownSpending(shell)
  const { CLAUDE_CODE_SESSION_ID, CODEX_THREAD_ID } = shell.environment
  const inTool = CLAUDE_CODE_SESSION_ID !== undefined || CODEX_THREAD_ID !== undefined
  return {
    transcripts: { since: async (transcript, mark) => (await load()).transcripts.since(transcript, mark) },
    ownTranscript: async () => (inTool ? (await load()).ownTranscript() : undefined),
    prices: async () => (await load()).prices(),
  }
}

/** Texts and keys of the clone lie beside the hub, so that git never takes them for its own. */
function memoryFolder(hub: Hub): string {
  return join(dirname(hub.path), 'memory')
}

function keyFolder(hub: Hub): string {
  return join(dirname(hub.path), 'keys')
}

/** What one work tree keeps for itself: a linked work tree has a git directory of its own. */
function worktreeFolder({ gitDir }: Repository): string {
  return join(gitDir, 'if-board')
}

function placeOf(hub: Hub): Place {
  const lockPath = join(dirname(hub.path), 'names.lock')
  return {
    worktree: fileMemory(worktreeFolder(hub.repository)),
    async exclusively(work) {
      await mkdir(dirname(lockPath), { recursive: true })
      const lock = await waitForLock(lockPath)
      try {
        return await work()
      } finally {
        await lock.release()
      }
    },
  }
}

const LOCK_PATIENCE_MS = 90_000

async function waitForLock(path: string) {
  const lock = await waitForFileLock(path, LOCK_PATIENCE_MS)
  if (lock !== undefined) return lock
  throw new IfBoardError('authority/busy', 'another process of this clone has been joining for too long', {
    hint: 'Ask again in a moment: if-board next',
  })
}

function askerOf(repository: Repository, shell: Shell): Asker {
  const folder = repository.workTree ?? dirname(repository.commonDir)
  return {
    option: shell.session,
    variable: shell.environment.IF_BOARD_SESSION,
    tool: toolSession(shell.environment),
    nameStem: `${slug(hostname().split('.')[0] ?? '', 'host')}-${slug(basename(folder), 'folder')}`,
  }
}

function slug(text: string, otherwise: string): string {
  const clean = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
    .replace(/^-+|-+$/g, '')
  return clean === '' ? otherwise : clean
}
