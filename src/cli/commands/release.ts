import { IfBoardError, printable, toSessionName } from '../../model/index.ts'
import { revoke } from '../../workflows/adjust.ts'
import { defineCommand } from '../command.ts'
import { toCost } from '../evidence.ts'
import { COST, finishTask, TASK_HELD } from '../finish-command.ts'
import { idOf } from '../print/words.ts'
import { author } from '../session.ts'
import { answer, type Shell } from '../shell.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board release [ID] [--of SESSION]`: give a task back, or take one back from a session. */
export const release = defineCommand({
  usage: 'release [task]',
  positionals: { task: TASK_HELD },
  options: {
    reason: { type: 'string', requiresArg: true, describe: 'Why, for whoever takes it next' },
    of: { type: 'string', requiresArg: true, describe: 'Take it back from this session; without a task, all it holds' },
    cost: COST,
  },
  examples: [
    ['if-board release P0.1.2 --reason "half done on session-4/p0.1.2"', 'give it back'],
    ['if-board release --cost 3.10', 'and say what it cost so far'],
    ['if-board release --of session-4 --reason "its terminal is gone"', 'take back all that session-4 holds'],
  ],
  run: async ({ task, reason, of, cost }, shell) => {
    const spent = toCost({ cost })
    if (of === undefined) return finishTask(shell, task, async () => ({ kind: 'released', reason, cost: spent }))
    if (spent === undefined) return takeBack(shell, { task, from: of, reason })
    throw new IfBoardError(
      'usage/invalid',
      '--of and --cost exclude each other: what it cost is for its session to say',
      {
        hint: `if-board release --of ${printable(of, 64)}`,
      },
    )
  },
})

interface TakeBack {
  readonly task: string | undefined
  readonly from: string
  readonly reason: string | undefined
}

async function takeBack(shell: Shell, { task, from, reason }: TakeBack): Promise<number> {
  const holder = toSessionName(from)
  return withBoard(shell, async (opened) => {
    const by = await author(opened)
    const why = reason ?? `taken back by ${by}`
    const keys = await revoke(opened.box, { by, from: holder, task, reason: why })
    const ids = keys.map(idOf)
    const json = { kind: 'released', of: holder, tasks: ids, unblocked: [] }
    answer(shell, json, () =>
      ids.length === 0 ? `${holder} holds nothing to take back.` : `Taken back from ${holder}: ${ids.join(', ')}.`,
    )
    await foldAfterwards(opened, by)
    return 0
  })
}
