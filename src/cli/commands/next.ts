import type { SessionName } from '../../model/index.ts'
import { next as askNext } from '../../workflows/next.ts'
import { askUntil, type Waiting } from '../../workflows/wait.ts'
import { answerNext, heldTask } from '../answer-next.ts'
import { defineCommand } from '../command.ts'
import { toPositive } from '../evidence.ts'
import { exitOfNext } from '../exit.ts'
import { moment } from '../print/words.ts'
import { sessionThatTakes } from '../session.ts'
import { type Shell, tell } from '../shell.ts'
import type { Opened } from '../wiring/open.ts'
import { foldAfterwards } from '../with-board.ts'
import { withClaims } from '../with-claims.ts'

/** `if-board next`. Exit status 0: granted or held; 3: nothing ready; 5: refused; 7: no answer. */
export const next = defineCommand({
  usage: 'next',
  positionals: {},
  options: {
    wait: { type: 'number', requiresArg: true, describe: 'Seconds to wait for a task when none is ready' },
    peek: { type: 'boolean', describe: 'Say what would be granted; claim nothing' },
    lease: {
      type: 'number',
      requiresArg: true,
      describe: 'Minutes without a sign of life after which others may take it',
    },
  },
  examples: [
    ['if-board next', 'the task you hold, or a newly claimed one'],
    ['if-board next --wait 600 --json', 'wait up to ten minutes, answer as JSON'],
  ],
  run: async ({ wait, peek, lease }, shell) => {
    const seconds = toPositive('wait', wait, 'seconds') ?? 0
    const leaseMinutes = toPositive('lease', lease, 'minutes')
    return withClaims(shell, async (opened) => {
      const { box } = opened
      const { session, source } = await sessionThatTakes(opened, shell)
      const ask = () => askNext(box, { session, leaseMinutes, peek: peek === true })
      const outcome = await askUntil(
        { ...box, ...(await watching(opened, shell, { session, seconds })), stop: shell.stop, seconds },
        ask,
      )
      await answerNext(opened, shell, { outcome, session })
      const held = heldTask(outcome)
      if (source === 'worktree' && held !== undefined)
        tell(shell, `${session}, the session of this work tree, holds ${held.id} since ${moment(held.at)}`)
      if (peek !== true) await foldAfterwards(opened, session)
      return exitOfNext(outcome)
    })
  },
})

/**
 * At a local authority a question costs next to nothing, so every change is worth one. A remote is spared where a
 * watcher of this clone asks it anyway.
 */
export async function watching(
  opened: Opened,
  { stop }: Shell,
  { session, seconds }: { readonly session: SessionName; readonly seconds: number },
): Promise<Pick<Waiting, 'openWatch' | 'glance'>> {
  const load = () => import('../wiring/watch.ts')
  if (opened.box.authority === 'local') return { openWatch: async () => (await load()).watchRefs(opened, stop) }
  if (seconds === 0) return {}
  const { glances, watchBell } = await load()
  return { openWatch: () => watchBell(opened, stop), glance: glances(opened, session) }
}
