/** Fleets: many clones of one remote, or many work trees of one clone, on a board of tasks. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ran, run, told, type Where } from './cli.ts'
import { type Environment, type Sandbox, sandbox, startGitDaemon, startHttpBackend } from './git-servers.ts'

export type Transport = 'file' | 'daemon' | 'http' | 'local'

export interface Member extends Where {
  readonly session: string
}

export interface Fleet {
  readonly box: Sandbox
  readonly members: readonly Member[]
  /** The repository where refs are compared and moved. */
  readonly authority: string
  /** URL of the remote; `undefined` on a local authority. */
  readonly url: string | undefined
  close(): Promise<void>
}

export interface FleetRequest {
  readonly transport: Transport
  readonly size: number
  readonly board: string
}

/** `full` runs the long counts; a seed can be given and is printed, so that a failure can be seen again. */
export const full = process.env.IF_BOARD_TEST === 'full'
export const seed = Number(process.env.IF_BOARD_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
export function seeded(start = seed): () => number {
  let state = start | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A board of tasks without dependencies: `T1`, `T2`, … */
export function boardOf(tasks: number): string {
  const rows = Array.from({ length: tasks }, (_, index) => `| T${index + 1} | Part ${index + 1} | AVAILABLE | None |`)
  return ['# Board', '', '| ID | Task | Status | Dependencies |', '|----|------|--------|---|', ...rows, ''].join('\n')
}

export async function openFleet({ transport, size, board }: FleetRequest): Promise<Fleet> {
  const box = sandbox()
  const server = await serverFor(transport, box)
  try {
    const members = transport === 'local' ? await workTrees(box, size, board) : await clones(box, size, board, server)
    return {
      box,
      members,
      url: server.url,
      authority: transport === 'local' ? box.path('main/.git/if-board/hub.git') : box.path('remote.git'),
      async close() {
        await server.close()
        await box.remove()
      },
    }
  } catch (error) {
    await server.close()
    await box.remove()
    throw error
  }
}

async function serverFor(transport: Transport, box: Sandbox) {
  if (transport === 'local') return { url: undefined, close: async () => undefined }
  const bare = box.bare('remote.git')
  if (transport === 'file') return { url: `file://${bare}`, close: async () => undefined }
  const begin = transport === 'daemon' ? startGitDaemon : startHttpBackend
  const server = await begin(box.root, box.environment)
  return { url: server.url('remote.git'), close: () => server.close() }
}

async function clones(box: Sandbox, size: number, board: string, { url }: { url: string | undefined }) {
  await box.repository('main', url)
  await initIn(box, 'main', board)
  const members: Member[] = []
  for (let at = 1; at <= size; at += 1) {
    await box.repository(`clone-${at}`, url)
    members.push(memberOf(box, `clone-${at}`, at))
  }
  return members
}

async function workTrees(box: Sandbox, size: number, board: string): Promise<Member[]> {
  await box.repository('main')
  await initIn(box, 'main', board)
  return Array.from({ length: size }, (_, index) => {
    const folder = `tree-${index + 1}`
    box.git('main', 'worktree', 'add', '--quiet', '--detach', box.path(folder))
    return memberOf(box, folder, index + 1)
  })
}

function memberOf(box: Sandbox, folder: string, number: number): Member {
  const session = `s${String(number).padStart(2, '0')}`
  return { session, cwd: box.path(folder), env: { ...box.environment, IF_BOARD_SESSION: session } }
}

export async function initIn(box: Sandbox, folder: string, board: string | Uint8Array, name = 'TASK-BOARD.md') {
  await writeFile(box.path(folder, name), board)
  const begun = await run({ cwd: box.path(folder), env: box.environment }, 'init', '--from', name)
  if (begun.status !== 0) throw new Error(`init failed: ${told(begun)}`)
}

/** What the branch has now, read with git alone. */
export function boardNow(box: Sandbox, authority: string, name = 'TASK-BOARD.md'): string {
  return box.git('.', `--git-dir=${authority}`, 'show', `refs/heads/if-board/main:${name}`)
}

/** The hubs of all members and the authority. */
export function repositoriesOf({ box, members, authority }: Fleet): string[] {
  const hubs = authority.includes('hub.git') ? [] : members.map(({ cwd }) => join(cwd, '.git/if-board'))
  return [authority, box.path('main/.git/if-board'), ...hubs]
}

export function asSession(member: Member, more: Environment): Member {
  return { ...member, env: { ...member.env, ...more } }
}

/** `true` for each run that ended with one of these statuses; the first other one is told. */
function _onlyStatuses(runs: readonly Ran[], allowed: readonly number[]): string | undefined {
  const odd = runs.find(({ status }) => !allowed.includes(status))
  return odd === undefined ? undefined : told(odd)
}
