import { budgetItems } from '../../workflows/views-budget.ts'
import { COST_GROUPS, costs } from '../../workflows/witness/costs.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { budgetText } from '../print/budget.ts'
import { costCsv, costJson, costText } from '../print/witness-cost.ts'
import { answer } from '../shell.ts'
import { parseWhen } from '../when.ts'
import { withLog } from '../with-log.ts'

const FORMATS = ['text', 'csv'] as const

/** `if-board witness cost`: reported costs, work and estimates by session, task, model or day. */
export const cost = defineCommand({
  usage: 'witness cost',
  positionals: {},
  options: {
    by: { choices: COST_GROUPS, default: 'session', describe: 'A line for each of these; days are in UTC' },
    since: { type: 'string', requiresArg: true, describe: 'From then on: 2025-11-12, 2025-11-12T02:37Z, 2h, 3d' },
    until: { type: 'string', requiresArg: true, describe: 'Before then; a day is meant whole' },
    format: { choices: FORMATS, default: 'text', describe: 'How to print them' },
  },
  examples: [
    ['if-board witness cost', 'what each session reported, and how long it worked'],
    ['if-board witness cost --by day --since 2025-11-01 --format csv', 'days of a month, for a spreadsheet'],
  ],
  notes: [
    'Reported: what `done`, `fail`, `release`, `block` and reports of costs said, each once; a report while a task is',
    'held and the one with its end are two. Work: from a grant to its end; a task that is held now is not in it.',
    'Estimated: that time by the rate of `if-board join --rate`, for grants in which no money was reported.',
  ].join('\n'),
  run: (args, shell) =>
    withLog(shell, async (book) => {
      const now = book.box.clock.now().wallMs
      const found = await costs(book, {
        by: args.by,
        since: args.since === undefined ? undefined : parseWhen(args.since, now, 'since'),
        until: args.until === undefined ? undefined : parseWhen(args.until, now, 'until'),
      })
      if (!shell.json && args.format === 'csv') shell.data(costCsv(found))
      else {
        const budget = budgetItems(book.reading)
        const page = pageOf(shell)
        answer(shell, { ...costJson(found), budget }, () => `${costText(found, page)}${budgetText(budget, page)}`)
      }
      return 0
    }),
})
