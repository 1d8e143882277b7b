/**
 * `uninstall`: take away exactly what `init` and sessions put into this clone.
 *
 * The board at a remote is everybody's, so the lines that would remove it there are given and
 * never run. A board without a remote is in this clone alone: it goes only when asked for by name,
 * and is kept in a bundle even then.
 */
import { BOARD_BRANCH, type BranchName, branchRef, IfBoardError } from '../model/index.ts'
import type { AuthorityBinding, Clock, CloneRemains, CloneSetup } from '../ports/index.ts'

export interface UninstallTools {
  readonly clone: CloneSetup
  readonly remains: CloneRemains
  readonly clock: Clock
}

export interface UninstallRequest {
  /** `with-board`: also where this clone holds the only copy of the board. */
  readonly extent: 'clone' | 'with-board'
}

export type UninstallOutcome =
  | { readonly kind: 'nothing' }
  /** The hub holds the only copy of the board and was left as it is. */
  | { readonly kind: 'only-copy'; readonly folders: readonly string[]; readonly next: string }
  | {
      readonly kind: 'removed'
      readonly folders: readonly string[]
      /** Bundle of what only this clone had, and the line that reads it again. */
      readonly backup: { readonly file: string; readonly restore: string } | undefined
      /** Lines that would remove branch and refs at the remote, for a person to judge. */
      readonly atRemote: readonly string[]
    }

/** @throws IfBoardError `repo/not-found`, `git/failed` (the backup could not be written; nothing was removed) */
export async function uninstall(tools: UninstallTools, request: UninstallRequest): Promise<UninstallOutcome> {
  const binding = await bindingOf(tools.clone)
  const folders = await tools.remains.list()
  if (folders.length === 0) return { kind: 'nothing' }
  if (holdsOnlyCopy(binding) && request.extent === 'clone')
    return { kind: 'only-copy', folders, next: 'if-board uninstall --all' }
  const file = await tools.remains.backUp(stampOf(tools.clock.now().wallMs))
  await tools.remains.remove(folders)
  const backup =
    file === undefined
      ? undefined
      : { file, restore: `git clone -b ${quoted(branchOf(binding))} ${quoted(file)} board` }
  return { kind: 'removed', folders, backup, atRemote: linesFor(binding) }
}

/** A damaged hub says nothing about itself: it may be the only copy. */
async function bindingOf(clone: CloneSetup): Promise<AuthorityBinding | 'none' | 'unknown'> {
  try {
    return (await clone.facts()).binding ?? 'none'
  } catch (error) {
    if (error instanceof IfBoardError && error.code === 'config/invalid') return 'unknown'
    throw error
  }
}

function holdsOnlyCopy(binding: Awaited<ReturnType<typeof bindingOf>>): boolean {
  if (binding === 'none') return false
  return binding === 'unknown' || (binding.authority === 'local' && binding.boardId !== undefined)
}

function branchOf(binding: Awaited<ReturnType<typeof bindingOf>>): BranchName {
  return (typeof binding === 'string' ? undefined : binding.branch) ?? BOARD_BRANCH
}

function linesFor(binding: Awaited<ReturnType<typeof bindingOf>>): string[] {
  if (typeof binding === 'string' || binding.remote === undefined) return []
  const name = quoted(binding.remote.name)
  const branch = binding.branch === undefined ? '' : `${quoted(branchRef(binding.branch))} `
  const refs = `${branch}'refs/heads/if-board/*' 'refs/if-board/*' refs/notes/if-witness`
  return [`git ls-remote ${name} ${refs}`, `git push ${name} --delete $(git ls-remote ${name} ${refs} | cut -f2)`]
}

/** Such as `20251112T093000Z`. */
function stampOf(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/[-:]|\.\d+/g, '')
}

/** Quoted for a POSIX shell where it must be. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./@%+=,-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`
}
