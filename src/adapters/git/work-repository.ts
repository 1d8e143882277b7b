/** The user's own repository, as far as tasks need it: HEAD, and which commits a branch contains. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObjectId, isRefName, type ObjectId } from '../../model/index.ts'
import type { WorkRepository } from '../../ports/index.ts'
import { type Repository, workPlace } from './discover.ts'
import { type GitAnswer, type GitPlace, gitFailed, pipeGit } from './git.ts'

export function gitWorkRepository(repository: Repository): WorkRepository {
  const place = workPlace(repository)
  return {
    head: async () => (await readHead(repository)) ?? (await askHead(place)),

    async containedInHead(commits) {
      if (commits.length === 0) return new Set()
      return containedIn(place, ['HEAD'], commits)
    },

    async mergedInto(baseBranch, commits) {
      const bases = await branchesNamed(place, baseBranch)
      return bases.length === 0 ? undefined : containedIn(place, bases, commits)
    },

    // Asked for where a policy forbids paths alone.
    async changedPaths(commit, baseBranch) {
      const { changedPaths } = await import('./changed-paths.ts')
      return changedPaths(place, commit, baseBranch)
    },

    async resolveCommit(revision) {
      if (revision === '' || revision.length > 1_000 || /[\0\n]/.test(revision)) return undefined
      const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
      const oid = (await ask(place, args)).stdout.trim()
      return isObjectId(oid) ? oid : undefined
    },
  }
}

type Head = Awaited<ReturnType<WorkRepository['head']>>

/** HEAD from its files (gitrepository-layout(5)); `undefined` where refs are packed or kept in another way. */
async function readHead({ gitDir, commonDir }: Repository): Promise<Head | undefined> {
  const text = await readFile(join(gitDir, 'HEAD'), 'utf8').catch(() => '')
  const line = text.trimEnd()
  if (isObjectId(line)) return { branch: undefined, commit: line }
  const ref = /^ref: (refs\/heads\/.+)$/.exec(line)?.[1]
  if (ref === undefined || !isRefName(ref)) return undefined
  const commit = (await readFile(join(commonDir, ref), 'utf8').catch(() => '')).trim()
  return isObjectId(commit) ? { branch: ref.slice('refs/heads/'.length), commit } : undefined
}

async function askHead(place: GitPlace): Promise<Head> {
  const [name, commit] = await Promise.all([
    ask(place, ['symbolic-ref', '--quiet', 'HEAD']),
    ask(place, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
  ])
  const ref = name.stdout.trim()
  const oid = commit.stdout.trim()
  return {
    branch: ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined,
    commit: isObjectId(oid) ? oid : undefined,
  }
}

/** Full names of the branch here and at every remote; none where the name is no branch name. */
async function branchesNamed(place: GitPlace, name: string): Promise<string[]> {
  if (!isRefName(`refs/heads/${name}`)) return []
  const patterns = [`refs/heads/${name}`, `refs/remotes/*/${name}`]
  const answer = await ask(place, ['for-each-ref', '--format=%(refname)', ...patterns])
  if (answer.exitCode !== 0) throw gitFailed('list branches', answer)
  return answer.stdout.split('\n').filter((ref) => isRefName(ref))
}

/**
 * The commits that one of the tips contains. `git rev-list <commits> --not <tips>` prints what is
 * not contained, so one command answers for all of them; it fails on a commit that is not here,
 * and only then a second one finds out which are.
 */
async function containedIn(
  place: GitPlace,
  tips: readonly string[],
  commits: readonly ObjectId[],
): Promise<ReadonlySet<ObjectId>> {
  let asked: readonly ObjectId[] = commits
  let answer = await listMissing(place, tips, asked)
  if (answer.exitCode !== 0) {
    asked = await knownCommits(place, commits)
    if (asked.length === 0) return new Set()
    answer = await listMissing(place, tips, asked)
  }
  // Tips that cannot be resolved: an empty repository contains nothing.
  if (answer.exitCode !== 0) return new Set()
  const missing = new Set(answer.stdout.split('\n'))
  return new Set(asked.filter((commit) => !missing.has(commit)))
}

function listMissing(place: GitPlace, tips: readonly string[], commits: readonly ObjectId[]): Promise<GitAnswer> {
  const lines = [...commits.map((commit) => `${commit}^{commit}`), ...tips.map((tip) => `^${tip}`), '']
  return ask(place, ['rev-list', '--stdin'], lines.join('\n'))
}

async function knownCommits(place: GitPlace, commits: readonly ObjectId[]): Promise<ObjectId[]> {
  const input = `${commits.join('\n')}\n`
  const answer = await ask(place, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], input)
  const known = new Set(answer.stdout.split('\n'))
  return commits.filter((commit) => known.has(`${commit} commit`))
}

/** Plumbing that only reads needs no library around it: `next` asks it on its way. */
function ask(place: GitPlace, args: readonly string[], input = ''): Promise<GitAnswer> {
  return pipeGit(place, args, Buffer.from(input))
}
