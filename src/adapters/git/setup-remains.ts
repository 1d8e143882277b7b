/** What `init` and sessions left in a clone: found, kept in a bundle where it is the only copy, removed. */
import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { IfBoardError, printable } from '../../model/index.ts'
import type { CloneRemains } from '../../ports/index.ts'
import { discoverRepository, type Repository } from './discover.ts'
import type { Environment } from './environment.ts'
import { gitFailed, runGit } from './git.ts'
import { hubPath } from './hub.ts'

/** Ours in the common git directory, and in that of each linked work tree. */
const FOLDER = 'if-board'

export function gitCloneRemains(cwd: string, environment: Environment): CloneRemains {
  const repository = () => discoverRepository(cwd, environment)
  return {
    list: async () => foldersOf(await repository()),
    backUp: async (stamp) => bundle(await repository(), stamp),
    async remove(paths) {
      for (const path of paths) {
        // Gone at once for every other process, then emptied.
        const aside = `${path}.removed-${randomBytes(4).toString('hex')}`
        await rename(path, aside)
        await rm(aside, { recursive: true, force: true, maxRetries: 3 })
      }
    },
  }
}

async function foldersOf({ commonDir }: Repository): Promise<string[]> {
  const worktrees = await readdir(join(commonDir, 'worktrees')).catch(() => [])
  const places = [commonDir, ...worktrees.sort().map((name) => join(commonDir, 'worktrees', name))]
  const found: string[] = []
  for (const place of places) if (await exists(join(place, FOLDER))) found.push(join(place, FOLDER))
  return found
}

/** Every ref that the hub itself moves; what it saw of a remote is not its own. */
async function bundle(repository: Repository, stamp: string): Promise<string | undefined> {
  const hub = hubPath(repository)
  if (!(await exists(hub))) return undefined
  const place = { cwd: repository.mainWorkTree, gitDir: hub, environment: repository.environment }
  const own = ['refs/heads', 'refs/if-board', 'refs/notes']
  const listed = await runGit(place, { args: ['for-each-ref', '--format=%(refname)', ...own] })
  if (listed.exitCode !== 0) throw gitFailed('list the refs of the hub', listed)
  if (listed.stdout.trim() === '') return undefined
  const file = await freeName(join(dirname(dirname(hub)), `if-board-backup-${stamp}`))
  const made = await runGit(place, { args: ['bundle', 'create', '--quiet', file, '--stdin'], input: listed.stdout })
  if (made.exitCode !== 0) throw gitFailed('write the backup', made)
  const verified = await runGit(place, { args: ['bundle', 'verify', '--quiet', file] })
  if (verified.exitCode === 0) return file
  throw new IfBoardError('git/failed', `the backup \`${printable(file)}\` cannot be read back; nothing was removed`, {
    hint: 'See whether the disk has room, then try again',
  })
}

async function freeName(stem: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const file = `${stem}${number === 1 ? '' : `-${number}`}.bundle`
    if (!(await exists(file))) return file
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
