/**
 * Which authority `init` binds a clone to.
 *
 * A clone that belongs to a board stays with it; only `--remote NAME` moves it, and only to a
 * remote that holds the same board. A fresh clone takes `origin`, else its only remote, else its
 * own hub; of several remotes a person chooses.
 */
import { BOARD_BRANCH, type BranchName, IfBoardError, printable } from '../model/index.ts'
import type { AuthorityBinding, CloneFacts, RemotePlace } from '../ports/index.ts'

export type AuthorityWish =
  | { readonly kind: 'default' }
  | { readonly kind: 'remote'; readonly name: string }
  | { readonly kind: 'local' }

export interface ChosenAuthority {
  /** `fresh`: the clone belongs to no board yet; `moved`: it belongs to one at another place. */
  readonly kind: 'fresh' | 'same' | 'moved'
  readonly binding: AuthorityBinding
  readonly remote: RemotePlace | undefined
}

/**
 * `branch` is the one that a person named; none: the clone's own, else `if-board/main`.
 *
 * @throws IfBoardError `authority/choose`, `authority/changed`, `usage/invalid` (no such remote)
 */
export function chooseAuthority(
  { binding, remotes }: CloneFacts,
  wish: AuthorityWish,
  branch?: BranchName,
): ChosenAuthority {
  const bound = binding?.boardId === undefined ? undefined : binding
  const chosen = choosePlace(bound, remotes, wish)
  const wanted = branch ?? bound?.branch ?? BOARD_BRANCH
  const { branch: _before, ...place } = chosen.binding
  const moves = chosen.kind === 'same' && wanted !== (bound?.branch ?? BOARD_BRANCH)
  return {
    ...chosen,
    kind: moves ? 'moved' : chosen.kind,
    // The usual branch goes without saying, so that earlier versions read the binding too.
    binding: wanted === BOARD_BRANCH ? place : { ...place, branch: wanted },
  }
}

function choosePlace(
  bound: AuthorityBinding | undefined,
  remotes: readonly RemotePlace[],
  wish: AuthorityWish,
): ChosenAuthority {
  if (wish.kind === 'remote') return chooseRemote(bound, named(remotes, wish.name))
  if (bound !== undefined) return keep(bound, remotes, wish)
  const remote = wish.kind === 'local' ? undefined : defaultRemote(remotes)
  if (remote !== undefined) return chooseRemote(undefined, remote)
  return { kind: 'fresh', binding: { boardId: undefined, authority: 'local', refs: 'custom' }, remote: undefined }
}

function chooseRemote(bound: AuthorityBinding | undefined, remote: RemotePlace): ChosenAuthority {
  const { name, url } = remote
  if (bound?.remote?.name === name && bound.remote.url === url) return { kind: 'same', binding: bound, remote }
  const binding = { boardId: bound?.boardId, authority: 'remote', refs: 'custom', remote: { name, url } } as const
  return { kind: bound === undefined ? 'fresh' : 'moved', binding, remote }
}

function keep(bound: AuthorityBinding, remotes: readonly RemotePlace[], wish: AuthorityWish): ChosenAuthority {
  if (bound.remote === undefined) return { kind: 'same', binding: bound, remote: undefined }
  const { name, url } = bound.remote
  if (wish.kind === 'local')
    throw new IfBoardError('authority/changed', `this clone belongs to the board at its remote \`${name}\``, {
      hint: 'if-board init',
    })
  const remote = remotes.find((place) => place.name === name)
  if (remote?.url === url) return { kind: 'same', binding: bound, remote }
  const now = remote === undefined ? 'is gone' : `is now \`${remote.shown}\``
  throw new IfBoardError('authority/changed', `the remote \`${name}\` that this clone was bound to ${now}`, {
    hint: `If it is the same project: if-board init --remote ${remote === undefined ? 'NAME' : name}`,
  })
}

function defaultRemote(remotes: readonly RemotePlace[]): RemotePlace | undefined {
  const origin = remotes.find(({ name }) => name === 'origin')
  if (origin !== undefined || remotes.length < 2) return origin ?? remotes[0]
  const names = remotes.map(({ name }) => `\`${printable(name, 60)}\``).join(', ')
  throw new IfBoardError('authority/choose', `this clone has several remotes and no \`origin\`: ${names}`, {
    hint: `if-board init --remote ${printable(remotes[0]?.name ?? 'NAME', 60)}`,
  })
}

function named(remotes: readonly RemotePlace[], name: string): RemotePlace {
  const remote = remotes.find((place) => place.name === name)
  if (remote !== undefined) return remote
  const known = remotes.map((place) => printable(place.name, 60)).join(', ')
  throw new IfBoardError('usage/invalid', `this clone has no remote \`${printable(name, 60)}\``, {
    hint: known === '' ? 'git remote add NAME URL' : `Choose one of: ${known}`,
  })
}
