import { list as listTasks } from '../../workflows/views-list.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { listText } from '../print/list.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board list`: every task as it stands now. */
export const list = defineCommand({
  usage: 'list',
  positionals: {},
  options: { ready: { type: 'boolean', describe: 'Only what may be claimed now' } },
  examples: [['if-board list --ready', 'what could be taken']],
  run: ({ ready }, shell) =>
    withBoard(shell, async ({ box }) => {
      const tasks = await listTasks(box, { ready: ready === true })
      answer(shell, { kind: 'list', ...tasks }, () => listText(tasks, pageOf(shell)))
      return 0
    }),
})
