/** What `done`, `fail`, `block` and `release` have in common. */
import { finishJson } from '../workflows/answers.ts'
import { type Finish, finish } from '../workflows/finish.ts'
import { exitOfFinish } from './exit.ts'
import { finishText } from './print/outcome.ts'
import { sessionThatHolds } from './session.ts'
import { answer, type Shell, tell } from './shell.ts'
import type { Opened } from './wiring/open.ts'
import { foldAfterwards } from './with-board.ts'
import { withClaims } from './with-claims.ts'

export const TASK_HELD = {
  type: 'string',
  describe: 'Id, such as P0.1.2; without it, the only task you hold',
} as const

export const COST = { type: 'number', requiresArg: true, describe: 'What it cost, in US dollars' } as const

export async function finishTask(
  shell: Shell,
  task: string | undefined,
  endOf: (opened: Opened) => Promise<Finish>,
): Promise<number> {
  return withClaims(shell, async (opened) => {
    const session = await sessionThatHolds(opened)
    const outcome = await finish(opened.box, { session, task }, await endOf(opened))
    const isWaiting = 'task' in outcome && outcome.task !== undefined && opened.box.fast?.awaitsFold(outcome.task)
    answer(shell, { ...finishJson(outcome), ...(isWaiting ? { inGit: false } : {}) }, () => finishText(outcome))
    if (isWaiting) tell(shell, 'completed in etcd, and not yet in git: the projector folds it within seconds')
    await foldAfterwards(opened, session)
    return exitOfFinish(outcome)
  })
}
