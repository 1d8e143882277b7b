/** Git's own merge of lines: git-merge-file(1), which needs no repository. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TextMerge } from '../../ports/index.ts'
import type { Environment } from './environment.ts'
import { gitFailed, pipeGit } from './git.ts'

/** Exit statuses up to 127 count conflicts; above, git could not merge. */
const MOST_CONFLICTS = 127

export function gitTextMerge(environment: Environment): TextMerge {
  return async (texts, length) => {
    const folder = await mkdtemp(join(tmpdir(), 'if-board-merge-'))
    try {
      const sides = ['ours', 'base', 'theirs'] as const
      await Promise.all(sides.map((side) => writeFile(join(folder, side), texts[side])))
      const options = ['-p', '--diff3', `--marker-size=${length}`, ...sides.flatMap((side) => ['-L', side])]
      const place = { cwd: folder, gitDir: undefined, environment }
      const answer = await pipeGit(place, ['merge-file', ...options, ...sides], new Uint8Array())
      if (answer.exitCode < 0 || answer.exitCode > MOST_CONFLICTS) throw gitFailed('merge the lines of a board', answer)
      return answer.stdout
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/**
 * Merge files as git does where nobody registered a driver; the result is in `ours`. `false`: conflicts
 * are left, or the files are binary and `ours` stands as it was.
 */
export async function mergeInPlace(
  environment: Environment,
  { base, ours, theirs }: { readonly base: string; readonly ours: string; readonly theirs: string },
): Promise<boolean> {
  const place = { cwd: dirname(ours), gitDir: undefined, environment }
  const labels = ['-L', 'ours', '-L', 'base', '-L', 'theirs']
  const answer = await pipeGit(place, ['merge-file', '--quiet', ...labels, ours, base, theirs], new Uint8Array())
  return answer.exitCode === 0
}
