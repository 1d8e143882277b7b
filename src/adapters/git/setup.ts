/** The user's clone as `init` sees it: facts, what a remote has, and the hub before it is bound. */
import { basename } from 'node:path'
import {
  BOARD_BRANCH,
  type BranchName,
  branchRef,
  IfBoardError,
  isObjectId,
  type ObjectId,
  printable,
} from '../../model/index.ts'
import type {
  AuthorityBinding,
  CloneFacts,
  CloneSetup,
  RemoteBranches,
  RemotePlace,
  SetupHub,
} from '../../ports/index.ts'
import { discoverRepository, gitVersion, type Repository, workPlace } from './discover.ts'
import type { Environment } from './environment.ts'
import { unreachable, whyNot } from './fetch.ts'
import { type GitPlace, gitFailed, REMOTE_TIMEOUT_MS, runGit, withoutCredentials } from './git.ts'
import { createHub, type Hub, hubPath, openHub, rebindHub } from './hub.ts'
import { localRefStore } from './local-ref-store.ts'
import { gitObjectStore } from './object-store.ts'
import { probeRemote } from './probe.ts'
import { rivalIn, rivalPatterns } from './refs.ts'
import { type RemoteAccess, remoteAccess } from './remote-access.ts'
import { remoteRefStore } from './remote-ref-store.ts'

/** Set-up of the clone around `cwd`. `timeoutMs` bounds each command that talks to a remote. */
export function gitCloneSetup(cwd: string, environment: Environment, timeoutMs = REMOTE_TIMEOUT_MS): CloneSetup {
  const repository = () => discoverRepository(cwd, environment)
  return {
    facts: async () => readFacts(cwd, environment),
    remoteBranches: async (name, branch) => {
      const found = await repository()
      const place = { ...workPlace(found), cwd: found.mainWorkTree }
      return branchesAt({ name, place, branch }, timeoutMs)
    },
    ownBranch: async (branch) => ownBranch(workPlace(await repository()), branch),
    openHub: async (binding) => setupHub(await hubFor(await repository(), binding), binding, timeoutMs),
  }
}

async function readFacts(cwd: string, environment: Environment): Promise<CloneFacts> {
  const git = await gitVersion(cwd, environment)
  const repository = await discoverRepository(cwd, environment)
  return {
    git,
    workTree: repository.workTree,
    project: projectName(repository),
    hub: hubPath(repository),
    binding: (await openHub(repository))?.binding,
    remotes: await listRemotes(repository),
  }
}

/** Name of the project's folder, without `.git` behind a bare one. */
export function projectName({ mainWorkTree }: Repository): string {
  return basename(mainWorkTree).replace(/\.git$/, '') || 'project'
}

/** Remotes by the first URL of each, as the clone's settings have it. */
async function listRemotes(repository: Repository): Promise<RemotePlace[]> {
  const answer = await runGit(workPlace(repository), {
    args: ['config', '--null', '--get-regexp', '^remote\\..*\\.url$'],
  })
  // Exit status 1 without output: no remote.
  if (answer.exitCode !== 0 && answer.exitCode !== 1) throw gitFailed('list the remotes', answer)
  const remotes = new Map<string, RemotePlace>()
  for (const entry of answer.stdout.split('\0')) {
    const [key = '', ...value] = entry.split('\n')
    const name = /^remote\.(.+)\.url$/.exec(key)?.[1]
    const url = value.join('\n')
    if (name === undefined || url === '' || remotes.has(name) || !/^[^-\s][^\s\u0000-\u001f]*$/.test(name)) continue
    remotes.set(name, { name, url, shown: printable(withoutCredentials(url), 300) })
  }
  return [...remotes.values()]
}

async function branchesAt(
  { name, place, branch = BOARD_BRANCH }: RemoteAccess,
  timeoutMs: number,
): Promise<RemoteBranches> {
  // Patterns of ls-remote also match the end of longer names, so full names are compared below.
  const names = new Set([branchRef(branch), branchRef(), ...rivalPatterns(branch)])
  const answer = await runGit(place, { args: ['ls-remote', '--quiet', name, ...names], timeoutMs })
  if (answer.exitCode !== 0) throw unreachable(name, whyNot(answer))
  const oids = new Map(answer.stdout.split('\n').map((line) => line.split('\t').reverse() as [string, string]))
  const board = oids.get(branchRef(branch)) ?? ''
  return {
    board: isObjectId(board) ? board : undefined,
    inTheWay: rivalIn(oids.keys(), branch),
    boardElsewhere: branch !== BOARD_BRANCH && oids.has(branchRef()),
  }
}

/** HEAD of a repository without a commit names a branch that is there for its owner all the same. */
async function ownBranch(place: GitPlace, branch: BranchName): Promise<'absent' | 'boards' | 'other'> {
  const [config, tip, head] = await Promise.all([
    runGit(place, { args: ['cat-file', '-e', `${branchRef(branch)}:.if-board/config.yml`] }),
    runGit(place, { args: ['show-ref', '--verify', '--quiet', branchRef(branch)] }),
    runGit(place, { args: ['symbolic-ref', '--quiet', 'HEAD'] }),
  ])
  if (config.exitCode === 0) return 'boards'
  return tip.exitCode === 0 || head.stdout.trim() === branchRef(branch) ? 'other' : 'absent'
}

/** Make the hub, or open it. One that no branch was seen for yet (an `init` that failed) carries nothing to keep. */
async function hubFor(repository: Repository, binding: AuthorityBinding): Promise<Hub> {
  const unbound = { ...binding, boardId: undefined }
  const hub = await createHub(repository, unbound)
  return hub.binding.boardId === undefined ? rebindHub(hub, unbound) : hub
}

function setupHub(opened: Hub, binding: AuthorityBinding, timeoutMs: number): SetupHub {
  let hub: Hub = { ...opened, binding }
  const objects = gitObjectStore(hub)
  const has = async (oid: ObjectId) => (await objects.read(oid)) !== undefined
  return {
    objects,
    get refs() {
      return hub.binding.authority === 'local' ? localRefStore(hub) : remoteRefStore(hub, { timeoutMs })
    },
    boardHead: async () => (hub.binding.authority === 'local' ? localBoard(hub) : fetchBoard(hub, { has, timeoutMs })),
    probe: async () =>
      hub.binding.authority === 'local'
        ? { custom: true, heads: true, atomic: true, reason: undefined }
        : probeRemote(hub, timeoutMs),
    bind: async (next) => {
      if (next.authority === 'local') await pointHeadAtBoard(hub)
      hub = await rebindHub(hub, next)
    },
    close: () => objects.close(),
  }
}

async function localBoard(hub: Hub): Promise<ObjectId | undefined> {
  const answer = await runGit(hub.place, {
    args: ['for-each-ref', '--format=%(objectname)', branchRef(hub.binding.branch)],
  })
  if (answer.exitCode !== 0) throw gitFailed('read the coordination branch', answer)
  const oid = answer.stdout.trim()
  return isObjectId(oid) ? oid : undefined
}

interface BoardFetch {
  readonly has: (oid: ObjectId) => Promise<boolean>
  readonly timeoutMs: number
}

const MAX_FETCHES = 5

/**
 * The remote's branch, its objects fetched without moving any ref: which board it holds must be
 * known before this hub belongs to it.
 */
async function fetchBoard(hub: Hub, { has, timeoutMs }: BoardFetch): Promise<ObjectId | undefined> {
  const access = await remoteAccess(hub)
  const args = ['fetch', '--quiet', '--no-tags', '--refmap=', '--no-write-fetch-head', '--no-recurse-submodules']
  const call = {
    args: [...args, '--no-auto-maintenance', '--no-filter', access.name, branchRef(access.branch)],
    timeoutMs,
  }
  for (let fetches = 0; fetches < MAX_FETCHES; fetches += 1) {
    const { board } = await branchesAt(access, timeoutMs)
    if (board === undefined || (await has(board))) return board
    const answer = await runGit(access.place, call)
    if (answer.exitCode !== 0) throw unreachable(access.name, whyNot(answer))
    if (await has(board)) return board
  }
  throw new IfBoardError('authority/busy', 'the coordination branch moves faster than it can be fetched', {
    hint: 'Try again in a moment',
  })
}

/** So that an ordinary `git clone` of the hub checks the board out. */
async function pointHeadAtBoard(hub: Hub): Promise<void> {
  const answer = await runGit(hub.place, { args: ['symbolic-ref', 'HEAD', branchRef(hub.binding.branch)] })
  if (answer.exitCode !== 0) throw gitFailed('point the hub at its branch', answer)
}
