import { fastStatus } from '../../workflows/fast/status.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { fastStatusJson, fastStatusText } from '../print/fast.ts'
import { answer } from '../shell.ts'
import { fastTools } from '../wiring/fast.ts'
import { withBoard } from '../with-board.ts'

/** `if-board fast status`. Exit status 7: etcd decides and was not reached. */
export const status = defineCommand({
  usage: 'fast status',
  positionals: {},
  options: {},
  examples: [
    ['if-board fast status', 'who decides claims, and what etcd holds'],
    ['if-board fast status --json', 'the same, every claim with its token'],
  ],
  run: (_, shell) =>
    withBoard(shell, async (opened) => {
      const found = await fastStatus(opened.box, (await fastTools(opened, shell))?.path)
      answer(shell, fastStatusJson(found), () => fastStatusText(found))
      return found.engine.kind === 'unreached' ? EXIT.unreachable : EXIT.ok
    }),
})
