/** The user's own repository for checks and bodies of tasks: objects, and branches that hold what a body gave back. */
import { join } from 'node:path'
import { invariant, isObjectId, isRefName } from '../../model/index.ts'
import type { JobRepository } from '../../ports/index.ts'
import { type Repository, workPlace } from './discover.ts'
import { gitFailed, runGit } from './git.ts'
import { objectStoreAt } from './object-store.ts'

export function gitJobRepository(repository: Repository): JobRepository {
  const { commonDir, objectFormat } = repository
  const place = workPlace(repository)
  return {
    objects: objectStoreAt({ folder: join(commonDir, 'objects'), place, objectFormat, of: 'of the repository' }),

    async branch(name) {
      const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', refOf(name)]
      const oid = (await runGit(place, { args })).stdout.trim()
      return isObjectId(oid) ? oid : undefined
    },

    async moveBranch(name, next, expected) {
      const ref = refOf(name)
      // All zeros: it must not be there (git-update-ref(1)).
      const args = ['update-ref', '-m', 'if-board run', ref, next, expected ?? '0'.repeat(next.length)]
      const answer = await runGit(place, { args })
      if (answer.exitCode !== 0) throw gitFailed(`move the branch ${name}`, answer)
    },
  }
}

function refOf(name: string): string {
  const ref = `refs/heads/${name}`
  invariant(isRefName(ref), 'the name of a branch is made by us')
  return ref
}
