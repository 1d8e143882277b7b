import { IfBoardError } from '../../model/index.ts'
import { breakers } from '../../workflows/breaker-list.ts'
import { type ResetRequest, resetBreaker } from '../../workflows/breaker-reset.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { pageOf } from '../page-of.ts'
import { breakersText, resetText } from '../print/breaker.ts'
import { author } from '../session.ts'
import { answer, type Shell } from '../shell.ts'
import { registryTools } from '../wiring/registry.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board breaker [reset [SESSION | ID]]`: what is stopped, and an end to it. */
export const breaker = defineCommand({
  usage: 'breaker [action] [target]',
  positionals: {
    action: { type: 'string', choices: ['reset'], describe: 'Without it: which breakers are open, and what ends that' },
    target: { type: 'string', describe: 'Session, or id of a task; without it, all that are open' },
  },
  options: {
    reason: { type: 'string', requiresArg: true, describe: 'Why it may go on; goes into the log' },
  },
  examples: [
    ['if-board breaker', 'which sessions and tasks are stopped, and why'],
    ['if-board breaker reset session-4 --reason "its key was renewed"', 'it is offered tasks again'],
    ['if-board breaker reset P0.1.2 --reason "the test was wrong"', 'the task is offered again'],
  ],
  notes: 'When breakers open: docs/governor.md of if-board. No session resets what its own failures opened.',
  run: ({ action, target, reason }, shell) => {
    if (action === undefined) return list(shell)
    if (reason === undefined || reason.trim() === '')
      throw new IfBoardError('usage/invalid', 'breaker: reset needs a reason', {
        hint: 'if-board breaker reset SESSION --reason TEXT',
      })
    return reset(shell, { target, reason: reason.trim() })
  },
})

function list(shell: Shell): Promise<number> {
  return withBoard(shell, async ({ box }) => {
    const items = await breakers(box)
    answer(shell, { kind: 'breakers', breakers: items }, () => breakersText(items, pageOf(shell)))
    return EXIT.ok
  })
}

function reset(shell: Shell, asked: Pick<ResetRequest, 'target' | 'reason'>): Promise<number> {
  return withBoard(shell, async (opened) => {
    const by = await author(opened)
    const outcome = await resetBreaker(opened.box, { ...asked, by, registry: registryTools(opened.hub) })
    answer(shell, outcome, () => resetText(outcome))
    await foldAfterwards(opened, by)
    return EXIT.ok
  })
}
