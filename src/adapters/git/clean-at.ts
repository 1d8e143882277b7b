/** Are the files of the work tree, those that git tracks, as this commit has them? */
import type { ObjectId } from '../../model/index.ts'
import { type Repository, workPlace } from './discover.ts'
import { pipeGit } from './git.ts'

/** Untracked files may be there: what was installed and built mostly is. `false` too where git cannot tell. */
export async function isCleanAt(repository: Repository, commit: ObjectId): Promise<boolean> {
  const place = workPlace(repository)
  const none = new Uint8Array(0)
  const head = await pipeGit(place, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], none)
  if (head.stdout.trim() !== commit) return false
  const changed = await pipeGit(
    place,
    ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=none'],
    none,
  )
  return changed.exitCode === 0 && changed.stdout === ''
}
