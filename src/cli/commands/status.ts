import { statusJson } from '../../workflows/answers.ts'
import { status as readStatus } from '../../workflows/views-status.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { statusText } from '../print/status.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board status`: where everything stands; with `--watch` a screen that stays. */
export const status = defineCommand({
  usage: 'status',
  positionals: {},
  options: {
    watch: { type: 'boolean', describe: 'Stay and show every change; with --json one object a line' },
  },
  examples: [
    ['if-board status', 'one screen: sessions, tasks, critical path, what needs a person'],
    ['if-board status --watch', 'until q or Ctrl-C'],
  ],
  run: ({ watch }, shell) =>
    withBoard(shell, async (opened) => {
      if (watch === true) return (await import('../watch-status.ts')).watchStatus(opened, shell)
      const view = await readStatus(opened.box)
      answer(shell, statusJson(view), () => statusText(view, pageOf(shell)))
      return 0
    }),
})
