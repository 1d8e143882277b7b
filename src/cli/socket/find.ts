/**
 * Is there a watcher that may answer for this process? Part of the file that every start reads, so it imports nothing
 * of ours: where nobody watches it costs a `stat` for each folder up to the project and one file that is not there.
 *
 * Layouts: gitrepository-layout(5), git-worktree(1) "DETAILS". Whatever is odd is answered by "nobody": then the
 * command does its work itself, as `adapters/git/discover.ts` finds the repository.
 */
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** The first words of what a watcher may answer; it judges the rest itself. */
const ASKED_ALL_DAY = ['next', 'claim', 'done', 'renew', 'hook']
/** Variables by which git is told where to look: not what this walk finds. */
const STEERING = ['GIT_DIR', 'GIT_COMMON_DIR', 'GIT_WORK_TREE']
/** The same name as in `note.ts`; imported from there, it would be one more file to read at every start. */
const NOTE = join('if-board', 'watch.socket')

/** The note that a watcher left in the clone around `cwd`, as it is written there. */
export function findNote(word: string | undefined, cwd: string, environment: Environment): string | undefined {
  if (!ASKED_ALL_DAY.includes(word ?? '') || environment.IF_BOARD_SOCKET === 'off') return undefined
  if (STEERING.some((name) => environment[name] !== undefined)) return undefined
  try {
    const common = commonFolder(cwd)
    return common === undefined ? undefined : readFileSync(join(common, NOTE), 'utf8')
  } catch {
    return undefined
  }
}

function commonFolder(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, '.git')
    const entry = statSync(path, { throwIfNoEntry: false })
    if (entry !== undefined) return entry.isDirectory() ? path : linkedTo(folder, path)
    if (dirname(folder) === folder) return undefined
  }
}

/** A linked work tree: its `.git` is a file that names a folder, and that folder names the common one. */
function linkedTo(folder: string, path: string): string | undefined {
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]
  if (named === undefined) return undefined
  const own = resolve(folder, named.trimEnd())
  return resolve(own, readFileSync(join(own, 'commondir'), 'utf8').trim())
}
