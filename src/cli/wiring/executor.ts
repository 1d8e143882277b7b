/** Programs of this machine, for the commands that run some; loaded by these alone. */
import { dirname, join } from 'node:path'
import { systemExecutor } from '../../adapters/executor/index.ts'
import { fileCommandPins } from '../../adapters/fs/command-pins.ts'
import { isCleanAt } from '../../adapters/git/clean-at.ts'
import type { Hub, Repository } from '../../adapters/git/index.ts'
import { IfBoardError } from '../../model/index.ts'
import type { ExecutorTools } from '../../workflows/executor/tools.ts'
import type { Shell } from '../shell.ts'

/** @throws IfBoardError `usage/invalid` in a repository without a work tree */
export function executorTools(
  { hub, repository }: { readonly hub: Hub; readonly repository: Repository },
  { cwd, environment, stop }: Shell,
): ExecutorTools {
  const { workTree, gitDir, commonDir } = repository
  if (workTree === undefined)
    throw new IfBoardError('usage/invalid', 'commands run in a work tree, and this repository has none', {
      hint: 'Change into a clone of the project that has its files',
    })
  return {
    executor: systemExecutor({ searchPath: environment.PATH ?? '' }),
    pins: fileCommandPins(dirname(hub.path)),
    tree: {
      root: workTree,
      gitFolders: [...new Set([join(workTree, '.git'), commonDir, gitDir])],
      // Keys of sessions, and what they have seen.
      hidden: [...new Set([dirname(hub.path), join(gitDir, 'if-board')])],
    },
    folder: cwd,
    environment,
    isAt: (commit) => isCleanAt(repository, commit),
    stop,
  }
}
