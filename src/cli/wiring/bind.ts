/** A clone whose remote has boards already becomes a participant by itself: the hub is made and bound. */
import { type Hub, openHub, type Repository } from '../../adapters/git/index.ts'
import { gitCloneSetup } from '../../adapters/git/setup.ts'
import { BOARD_BRANCH, IfBoardError, invariant } from '../../model/index.ts'
import type { CloneFacts, RemotePlace } from '../../ports/index.ts'
import { readBranchConfig } from '../../workflows/init-branch.ts'
import { type Shell, tell } from '../shell.ts'

/**
 * Also after a first try that was killed half way: a hub that belongs to no board yet is bound now.
 *
 * @throws IfBoardError `board/not-initialised` when neither clone nor remote has boards,
 *   `authority/unreachable` when the remote did not say
 */
export async function bindToExisting(repository: Repository, shell: Shell): Promise<Hub> {
  const clone = gitCloneSetup(shell.cwd, shell.environment)
  const facts = await clone.facts()
  const remote = chooseRemote(facts)
  const head = remote === undefined ? undefined : (await clone.remoteBranches(remote.name, BOARD_BRANCH)).board
  if (remote === undefined)
    throw new IfBoardError('board/not-initialised', 'this project has no boards yet', { hint: 'if-board init' })
  if (head === undefined)
    throw new IfBoardError('board/not-initialised', `the remote \`${remote.name}\` has no branch \`${BOARD_BRANCH}\``, {
      hint: 'if-board init (where its boards are on another branch: if-board init --branch NAME)',
    })
  const { name, url } = remote
  const binding = { boardId: undefined, authority: 'remote', refs: 'custom', remote: { name, url } } as const
  const setup = await clone.openHub(binding)
  try {
    const { boardId, refs } = await readBranchConfig(setup.objects, (await setup.boardHead()) ?? head)
    await setup.bind({ ...binding, boardId, refs })
  } finally {
    await setup.close()
  }
  tell(shell, `this clone takes part in the boards of \`${name}\` (${remote.shown}) from now on`)
  const hub = await openHub(repository)
  invariant(hub !== undefined, 'a hub that was bound is there')
  return hub
}

/** `origin`, else the only one: the same choice as `init` makes by default. */
function chooseRemote({ binding, remotes }: CloneFacts): RemotePlace | undefined {
  if (binding?.authority === 'local') return undefined
  return remotes.find(({ name }) => name === 'origin') ?? (remotes.length === 1 ? remotes[0] : undefined)
}
