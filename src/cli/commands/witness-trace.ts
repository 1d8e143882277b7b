import { traceView } from '../../workflows/witness/trace.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { traceText } from '../print/witness-trace.ts'
import { answer } from '../shell.ts'
import { parseWhen } from '../when.ts'
import { withLog } from '../with-log.ts'

/** `if-board witness trace [TASK | TRACE-ID]`: who held a task from when until when, over one axis of time. */
export const trace = defineCommand({
  usage: 'witness trace [task]',
  positionals: { task: { type: 'string', describe: 'Id, such as P0.1.2, or a trace id; without it, all tasks' } },
  options: {
    since: { type: 'string', requiresArg: true, describe: 'What ended since then: 2025-11-12, 2h, 3d' },
  },
  examples: [
    ['if-board witness trace', 'all tasks over one axis of time'],
    ['if-board witness trace P0.1.2', 'the grants of one task, and how each ended'],
  ],
  notes: 'One trace for each task, one span for each grant, as W3C Trace Context names them. Times are UTC.',
  run: ({ task, since }, shell) =>
    withLog(shell, async (book) => {
      const from = since === undefined ? undefined : parseWhen(since, book.box.clock.now().wallMs, 'since')
      const view = await traceView(book, task, from)
      answer(shell, { kind: 'trace', ...view }, () => traceText(view, pageOf(shell), task === undefined))
      return 0
    }),
})
