/** A clone whose remote has boards already becomes a participant by itself: the hub is made and bound. */

import { workPlace } from '../adapters/git/discover.ts'
import { unreachable, whyNot } from '../adapters/git/fetch.ts'
import { gitFailed, runGit, withoutCredentials } from '../adapters/git/git.ts'
import { createHub, type Hub, REMOTE_TIMEOUT_MS, type Repository, rebindHub } from '../adapters/git/index.ts'
import { refLayout } from '../claim/index.ts'
import { IfBoardError, printable } from '../model/index.ts'
import { readBranch } from '../workflows/read-branch.ts'
import { openOn } from './open.ts'
import { type Shell, tell } from './shell.ts'

interface Remote {
  readonly name: string
  readonly url: string
}

/**
 * @throws IfBoardError `board/not-initialised` when neither clone nor remote has boards,
 *   `authority/unreachable` when the remote did not say
 */
export async function bindToExisting(repository: Repository, shell: Shell): Promise<Hub> {
  const remote = chooseRemote(await listRemotes(repository))
  if (remote === undefined || !(await hasBoards(repository, remote))) throw notInitialised()
  const binding = { boardId: undefined, authority: 'remote', refs: 'custom', remote } as const
  const hub = await completeBinding(await createHub(repository, binding), shell)
  const shown = printable(withoutCredentials(remote.url), 200)
  tell(shell, `this clone now takes part in the boards of \`${remote.name}\` (${shown})`)
  return hub
}

/** Which boards a hub is bound to, told by the branch itself; also after a first try that was killed. */
export async function completeBinding(hub: Hub, shell: Shell): Promise<Hub> {
  if (hub.binding.boardId !== undefined) return hub
  if (hub.binding.remote === undefined) throw notInitialised()
  const { box, close } = openOn(hub, shell)
  try {
    const head = (await box.refs.list()).get(refLayout('custom').board)
    if (head === undefined) throw notInitialised()
    await box.objects.write([{ type: 'tree', body: new Uint8Array() }])
    const { config } = await readBranch(box, head)
    return await rebindHub(hub, { ...hub.binding, boardId: config.boardId, refs: config.refs })
  } finally {
    await close()
  }
}

function notInitialised(): IfBoardError {
  return new IfBoardError('board/not-initialised', 'this project has no boards yet', { hint: 'if-board init' })
}

/** `origin`, else the only one: the same choice as `init` makes by default. */
function chooseRemote(remotes: readonly Remote[]): Remote | undefined {
  return remotes.find(({ name }) => name === 'origin') ?? (remotes.length === 1 ? remotes[0] : undefined)
}

async function listRemotes(repository: Repository): Promise<Remote[]> {
  const args = ['config', '--null', '--get-regexp', '^remote\\..*\\.url$']
  const answer = await runGit(workPlace(repository), { args })
  // Exit status 1: no such setting.
  if (answer.exitCode !== 0 && answer.exitCode !== 1) throw gitFailed('list the remotes', answer)
  const remotes = new Map<string, Remote>()
  for (const entry of answer.stdout.split('\0')) {
    const end = entry.indexOf('\n')
    if (end < 0) continue
    const name = entry.slice('remote.'.length, end - '.url'.length)
    if (!remotes.has(name)) remotes.set(name, { name, url: entry.slice(end + 1) })
  }
  return [...remotes.values()]
}

async function hasBoards(repository: Repository, { name }: Remote): Promise<boolean> {
  const args = ['ls-remote', '--quiet', '--', name, refLayout('custom').board]
  const answer = await runGit(workPlace(repository), { args, timeoutMs: REMOTE_TIMEOUT_MS })
  if (answer.exitCode !== 0) throw unreachable(name, whyNot(answer))
  return answer.stdout.split('\n').some((line) => line.endsWith(`\t${refLayout('custom').board}`))
}
