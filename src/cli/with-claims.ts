/** The frame of commands that take, keep and end claims: in git, or where etcd decides, there. */
import { IfBoardError } from '../model/index.ts'
import type { Shell } from './shell.ts'
import type { Opened } from './wiring/open.ts'
import { withBoard } from './with-board.ts'

/**
 * What git is asked first says for nothing who decides. `work` may be called a second time, and says nothing before it
 * was answered.
 */
export async function withClaims(shell: Shell, work: (opened: Opened) => Promise<number>): Promise<number> {
  return withBoard(shell, async (opened) => {
    try {
      return await work(opened)
    } catch (error) {
      const isElsewhere = error instanceof IfBoardError && error.code === 'fast/elsewhere'
      if (!isElsewhere || opened.isHosted) throw error
      const { overEtcdAlone } = await import('./wiring/etcd-alone.ts')
      const status = await overEtcdAlone(opened, shell, work)
      if (status === undefined) throw error
      return status
    }
  })
}
