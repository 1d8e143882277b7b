import { IfBoardError, printable } from '../../model/index.ts'
import { nearest } from '../../model/near.ts'
import { CLAIM_KINDS } from '../../witness/index.ts'
import { isKnownName, keysOfTask, keysOfTrace } from '../../workflows/witness/known-tasks.ts'
import { type LogBook, type LogFilter, lastEntries } from '../../workflows/witness/log-book.ts'
import { defineCommand } from '../command.ts'
import { jsonText } from '../json.ts'
import { pageOf } from '../page-of.ts'
import { entryJson, logCsv, logText } from '../print/witness-log.ts'
import { answer, type Shell, tell } from '../shell.ts'
import { parseWhen } from '../when.ts'
import { withLog } from '../with-log.ts'

const FORMATS = ['text', 'json', 'csv'] as const
const DEFAULT_LIMIT = 50

/** `if-board witness log`: what sessions said and people changed, in the order in which folds sealed it. */
export const log = defineCommand({
  usage: 'witness log',
  positionals: {},
  options: {
    task: { type: 'string', requiresArg: true, describe: 'Of this task alone; also one that is gone' },
    session: { type: 'string', requiresArg: true, describe: 'Of this session, or this author of edits' },
    type: { type: 'string', requiresArg: true, describe: 'Of these types, such as claim,complete,edit' },
    since: { type: 'string', requiresArg: true, describe: 'From then on: 2025-11-12, 2025-11-12T02:37Z, 2h, 3d' },
    until: { type: 'string', requiresArg: true, describe: 'Before then; a day is meant whole' },
    trace: { type: 'string', requiresArg: true, describe: 'Of the task with this trace id' },
    limit: { type: 'number', requiresArg: true, default: DEFAULT_LIMIT, describe: 'So many, the newest; 0 is all' },
    reverse: { type: 'boolean', describe: 'Newest first' },
    format: { choices: FORMATS, default: 'text', describe: 'How to print them; json is one object a line' },
  },
  examples: [
    ['if-board witness log --since 2h', 'what happened in the last two hours'],
    ['if-board witness log --session ada --type claim,complete --limit 0', 'all that ada took and finished'],
    ['if-board witness log --format csv --limit 0 > log.csv', 'everything, for a spreadsheet'],
  ],
  notes:
    'Times are UTC. What people changed on the boards has the type edit, what was written there for sessions fold.',
  run: (args, shell) =>
    withLog(shell, async (book) => {
      const limit = wholeNumber(args.limit)
      const { entries, total } = await lastEntries(book, filterOf(book, args, shell), limit)
      const ordered = args.reverse === true ? [...entries].reverse() : entries
      if (!shell.json && args.format !== 'text') shell.data(formatted(args.format, ordered))
      else answer(shell, { kind: 'log', entries: ordered.map(entryJson), total }, () => logText(ordered, pageOf(shell)))
      if (!shell.json && entries.length < total)
        tell(shell, `the last ${entries.length} of ${total} entries; all of them: --limit 0`)
      return 0
    }),
})

function formatted(format: (typeof FORMATS)[number], entries: Parameters<typeof logCsv>[0]): string {
  return format === 'csv' ? logCsv(entries) : entries.map((entry) => `${jsonText(entryJson(entry))}\n`).join('')
}

function wholeNumber(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 0) return limit
  throw new IfBoardError('usage/invalid', '--limit: expected a whole number of entries, or 0 for all', {
    hint: `if-board witness log --limit ${DEFAULT_LIMIT}`,
  })
}

interface FilterArgs {
  readonly task?: string | undefined
  readonly session?: string | undefined
  readonly type?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly trace?: string | undefined
}

function filterOf(book: LogBook, args: FilterArgs, shell: Shell): LogFilter {
  const now = book.box.clock.now().wallMs
  if (args.session !== undefined && !isKnownName(book, args.session))
    tell(shell, `nobody called ${args.session} has said or changed anything`)
  return {
    keys:
      args.task !== undefined
        ? keysOfTask(book, args.task)
        : args.trace === undefined
          ? undefined
          : keysOfTrace(book, args.trace),
    name: args.session,
    types: args.type === undefined ? undefined : typesOf(args.type),
    since: args.since === undefined ? undefined : parseWhen(args.since, now, 'since'),
    until: args.until === undefined ? undefined : parseWhen(args.until, now, 'until'),
  }
}

function typesOf(list: string): ReadonlySet<string> {
  const known: string[] = [...CLAIM_KINDS.keys(), 'edit', 'fold']
  const types = list.split(',').map((type) => type.trim())
  for (const type of types) {
    if (known.includes(type)) continue
    const near = nearest(type, known)
    throw new IfBoardError('usage/invalid', `--type: there is no type \`${printable(type, 40)}\``, {
      hint: near === undefined ? `Types: ${known.join(', ')}` : `Did you mean ${near}? All: ${known.join(', ')}`,
    })
  }
  return new Set(types)
}
