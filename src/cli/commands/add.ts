import { addTask } from '../../workflows/add-task.ts'
import { defineCommand } from '../command.ts'
import { addText } from '../print/change.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** Options that say a field of the new task, in words as a cell of the board would have them. */
const FIELDS = ['estimate', 'priority', 'owner', 'deliverable', 'description'] as const

/** `if-board add TITLE`: one more task, written as the board writes its own. */
export const add = defineCommand({
  usage: 'add <title..>',
  positionals: {
    title: { type: 'string', array: true, demandOption: true, describe: 'One line of markdown' },
  },
  options: {
    board: { type: 'string', requiresArg: true, describe: 'Which board, where there are several' },
    after: { type: 'string', requiresArg: true, describe: 'Id of the task to stand behind' },
    under: { type: 'string', requiresArg: true, describe: 'Words of the heading to stand under' },
    id: { type: 'string', requiresArg: true, describe: 'Its id (default: the next free one of the board)' },
    needs: { type: 'string', requiresArg: true, describe: 'Dependencies, such as "P0.1.2, P0.1.4"' },
    estimate: { type: 'string', requiresArg: true, describe: 'Such as 30m, 1h 30m, 2d' },
    priority: { type: 'string', requiresArg: true, describe: 'high, medium or low' },
    owner: { type: 'string', requiresArg: true, describe: 'Session that it is meant for' },
    deliverable: { type: 'string', requiresArg: true, describe: 'What it leaves' },
    description: { type: 'string', requiresArg: true, describe: 'More words about it' },
  },
  examples: [
    ['if-board add "Search in all three" --needs "T2, T3" --estimate 2h', 'behind the last task'],
    ['if-board add "Say what went wrong" --after P0.1.2', 'right behind it, in its numbering'],
    ['if-board add "Read the settings" --under "Phase 2"', 'as the last one of that section'],
  ],
  notes: 'More of a task: if-board set ID FIELD VALUE. More tasks at once: if-board edit.',
  run: ({ title, board, after, under, id, needs, ...typed }, shell) =>
    withBoard(shell, async (opened) => {
      const who = await author(opened)
      const values = new Map([
        ...(needs === undefined ? [] : [['dependencies', needs] as const]),
        ...FIELDS.flatMap((field) => (typed[field] === undefined ? [] : [[field, typed[field]] as const])),
      ])
      const outcome = await addTask(opened.box, {
        title: title.join(' '),
        board,
        after,
        under,
        id,
        values,
        author: who,
      })
      answer(shell, outcome, () => addText(outcome))
      await foldAfterwards(opened, who)
      return 0
    }),
})
