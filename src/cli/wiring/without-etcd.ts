/** The way down to git, where etcd's settings cannot be used. */
import { IfBoardError } from '../../model/index.ts'
import type { SwitchTools } from '../../workflows/fast/switch-step.ts'
import { type Shell, tell } from '../shell.ts'
import type { Opened } from './open.ts'

/** For `switchTools(…).catch`: what is wrong is told, and etcd is not asked. */
export function unlessUnusable({ box }: Opened, shell: Shell): (error: unknown) => SwitchTools {
  return (error) => {
    if (!(error instanceof IfBoardError) || error.code !== 'fast/settings') throw error
    tell(shell, `etcd is not asked: ${error.message}`)
    return { box, path: undefined, about: () => '' }
  }
}
