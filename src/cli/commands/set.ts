import { setTask } from '../../workflows/set-task.ts'
import { defineCommand } from '../command.ts'
import { setJson, setText } from '../print/change.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board set ID FIELD VALUE`: one cell, label or word of the board, as a person would type it. */
export const set = defineCommand({
  usage: 'set <task> <field> <value..>',
  positionals: {
    task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' },
    field: {
      type: 'string',
      demandOption: true,
      describe:
        'status, title, dependencies, estimate, priority, owner, model, deliverable, description, capabilities, budget, check or run; the words of a column do too',
    },
    value: { type: 'string', array: true, demandOption: true, describe: 'One line of markdown; none takes it away' },
  },
  options: {},
  examples: [
    ['if-board set P0.1.2 estimate 3h', 'what the cell says from now on'],
    ['if-board set P0.1.2 dependencies "P0.1.1, P0.2.4"', 'all of them, not one more'],
    ['if-board set P0.1.2 status "paused (waits for the design)"', 'as if typed into the board'],
  ],
  run: ({ task, field, value }, shell) =>
    withBoard(shell, async (opened) => {
      const who = await author(opened)
      const outcome = await setTask(opened.box, { task, field, value: value.join(' '), author: who })
      answer(shell, setJson(outcome), () => setText(outcome))
      await foldAfterwards(opened, who)
      return 0
    }),
})
