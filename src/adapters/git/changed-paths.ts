/** Which paths a commit changed, and all before it that the base branch does not have. */
import type { ChangedPaths, ObjectId } from '../../model/index.ts'
import { isObjectId, isRefName } from '../../model/index.ts'
import { type GitPlace, pipeGit } from './git.ts'

/**
 * From the merge base with the base branch, here and at every remote; a branch that has the commit already says
 * nothing about what it brought. Where all of them have it, from the commit's first parent.
 */
export async function changedPaths(
  place: GitPlace,
  commit: ObjectId,
  baseBranch: string | undefined,
): Promise<ChangedPaths> {
  const known = await ask(place, ['cat-file', '-t', commit])
  if (known?.trim() !== 'commit') return unknown(`this clone does not have the commit ${commit.slice(0, 12)}`)
  const bases = await basesOf(place, baseBranch)
  if (baseBranch !== undefined && bases.length === 0) return unknown(`this clone has no branch \`${baseBranch}\``)
  const open = []
  for (const base of bases) if (!(await contains(place, base, commit))) open.push(base)
  const from = open.length === 0 ? await firstParent(place, commit) : await mergeBase(place, commit, open)
  if (from === undefined) return unknown('the commit and the base branch have no history in common here')
  // No renames: a file that was moved away was changed where it was, too.
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', '--end-of-options', from, commit]
  const paths = await ask(place, args)
  if (paths === undefined) return unknown('git could not compare the commit with the base branch')
  return { kind: 'known', paths: paths.split('\0').filter((path) => path !== '') }
}

function unknown(reason: string): ChangedPaths {
  return { kind: 'unknown', reason }
}

/** The branch of this name, or what each remote calls its own (`refs/remotes/<remote>/HEAD`, git-remote(1)). */
async function basesOf(place: GitPlace, baseBranch: string | undefined): Promise<string[]> {
  if (baseBranch !== undefined && !isRefName(`refs/heads/${baseBranch}`)) return []
  const patterns =
    baseBranch === undefined ? ['refs/remotes/*/HEAD'] : [`refs/heads/${baseBranch}`, `refs/remotes/*/${baseBranch}`]
  const refs = await ask(place, ['for-each-ref', '--format=%(refname)', ...patterns])
  return (refs ?? '').split('\n').filter((ref) => isRefName(ref))
}

async function contains(place: GitPlace, ref: string, commit: ObjectId): Promise<boolean> {
  return (await ask(place, ['merge-base', '--is-ancestor', commit, ref])) !== undefined
}

async function mergeBase(place: GitPlace, commit: ObjectId, bases: readonly string[]): Promise<string | undefined> {
  const found = ((await ask(place, ['merge-base', commit, ...bases])) ?? '').trim()
  return isObjectId(found) ? found : undefined
}

/** The empty tree before a first commit; `undefined` where a shallow clone does not have the parent. */
async function firstParent(place: GitPlace, commit: ObjectId): Promise<string | undefined> {
  const body = (await ask(place, ['cat-file', 'commit', commit])) ?? ''
  const parent = /^parent ([0-9a-f]+)$/m.exec(body.slice(0, body.indexOf('\n\n')))?.[1]
  if (parent === undefined) return (await ask(place, ['hash-object', '-t', 'tree', '--stdin']))?.trim()
  return (await ask(place, ['cat-file', '-t', parent]))?.trim() === 'commit' ? parent : undefined
}

/** What git prints, `undefined` where it fails. */
async function ask(place: GitPlace, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await pipeGit(place, args, Buffer.alloc(0))
  return exitCode === 0 ? stdout : undefined
}
