import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { IfBoardError } from '../../model/index.ts'
import { defineCommand } from '../command.ts'
import { toPositive } from '../evidence.ts'
import { EXIT } from '../exit.ts'
import { answer } from '../shell.ts'

/** Longest and shortest work of one task, unless `--work` says otherwise. */
const WORK_MS = [200, 900] as const
const MAX_SESSIONS = 30

/** `if-board demo`. Exit status 0: every task done, each once. */
export const demo = defineCommand({
  usage: 'demo',
  positionals: {},
  options: {
    sessions: { type: 'number', requiresArg: true, describe: 'Sessions, each a process in a clone of its own (7)' },
    board: { type: 'string', requiresArg: true, describe: 'A board of yours instead of the sample; it is copied' },
    work: { type: 'number', requiresArg: true, describe: 'Longest work of one task, in milliseconds (900)' },
    as: { type: 'string', requiresArg: true, hidden: true },
    clone: { type: 'string', requiresArg: true, hidden: true },
  },
  examples: [
    ['if-board demo', 'seven sessions finish a sample board in a temporary repository'],
    ['if-board demo --sessions 12 --board TASKS.md', 'twelve sessions on a copy of your board'],
  ],
  notes: 'Works in a temporary folder alone; nothing of the repository around you is read or changed.',
  run: async ({ sessions, board, work, as, clone }, shell) => {
    const longest = toPositive('work', work, 'milliseconds') ?? WORK_MS[1]
    const workMs = [Math.min(WORK_MS[0], longest), longest] as const
    if (as !== undefined && clone !== undefined) {
      const { work: workAs } = await import('../demo/worker.ts')
      await workAs({ session: as, clone, workMs, print: (event) => shell.data(`${JSON.stringify(event)}\n`) })
      return EXIT.ok
    }
    const { runDemo } = await import('../demo/run-demo.ts')
    const { renderSummary, summaryJson } = await import('../demo/summary.ts')
    const summary = await runDemo({
      sessions: Math.min(toPositive('sessions', sessions, 'sessions') ?? 7, MAX_SESSIONS),
      board: boardFile(board),
      isSample: board === undefined,
      workMs,
      color: shell.color,
      out: shell.json ? process.stderr : process.stdout,
    })
    answer(shell, summaryJson(summary), () => renderSummary(summary))
    return summary.duplicates === 0 && summary.done === summary.tasks ? EXIT.ok : EXIT.error
  },
})

function boardFile(named: string | undefined): string {
  const file = named ?? sampleBoard()
  if (existsSync(file)) return file
  throw new IfBoardError('file/unreadable', `there is no file \`${file}\``, {
    hint: 'if-board demo --board YOUR-BOARD.md',
  })
}

/** `templates/` lies beside `dist/` in the package, and beside `src/` here. */
function sampleBoard(): string {
  const places = ['../templates/demo-board.md', '../../../templates/demo-board.md']
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  return files.find((file) => existsSync(file)) ?? (files[0] as string)
}
