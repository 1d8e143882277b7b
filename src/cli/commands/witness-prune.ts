import { type EpochMs, IfBoardError } from '../../model/index.ts'
import { prune as pruneLog } from '../../workflows/witness/prune.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { pruneText } from '../print/witness-prune.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { parseWhen } from '../when.ts'
import { verifyTools } from '../wiring/witness.ts'
import { withBoard } from '../with-board.ts'

const DAY_MS = 86_400_000
const MAX_DAYS = 36_500

/** `if-board witness prune`. Exit status 2: younger than the log must be kept; 6: a note is not what was sealed. */
export const prune = defineCommand({
  usage: 'witness prune',
  positionals: {},
  options: {
    before: { type: 'string', requiresArg: true, describe: 'Folds from before then: 2026-01-01, 30w' },
    'older-than': { type: 'number', requiresArg: true, describe: 'The same in days: 183 or more' },
    'dry-run': { type: 'boolean', describe: 'Say what would go; change nothing' },
  },
  examples: [
    ['if-board witness prune --older-than 365 --dry-run', 'how much would go'],
    ['if-board witness prune --before 2026-01-01', 'it goes, and the log says so'],
  ],
  notes: 'Events of old folds go, their checkpoints stay for ever; nothing below 183 days goes: docs/retention.md.',
  run: ({ before: typed, 'older-than': days, 'dry-run': dryRun }, shell) =>
    withBoard(shell, async (opened) => {
      const before = instantFrom({ typed, days }, opened.box.clock.now().wallMs)
      const mode = dryRun === true ? 'dry-run' : 'prune'
      const { verify } = (await verifyTools(opened, shell)).tools
      const request = { author: await author(opened), before, mode, verify } as const
      const outcome = await pruneLog(opened.box, request)
      answer(shell, outcome, () => pruneText(outcome, new Date(before).toISOString().slice(0, 10)))
      return EXIT.ok
    }),
})

interface Typed {
  readonly typed: string | undefined
  readonly days: number | undefined
}

/** @throws IfBoardError `usage/invalid` */
function instantFrom({ typed, days }: Typed, now: EpochMs): EpochMs {
  if (typed !== undefined && days === undefined) return parseWhen(typed, now, 'before')
  if (typed === undefined && days !== undefined && Number.isInteger(days) && days >= 0 && days <= MAX_DAYS)
    return now - days * DAY_MS
  const what = days === undefined || typed !== undefined ? 'either --before or --older-than' : 'a number of whole days'
  throw new IfBoardError('usage/invalid', `witness prune: expected ${what}`, { hint: 'if-board witness prune --help' })
}
