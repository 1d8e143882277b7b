import { IfBoardError } from '../../model/index.ts'
import { pinCommand } from '../../workflows/executor/pin-command.ts'
import { type CommandAnswer, dryRun, runCommand } from '../../workflows/executor/run-command.ts'
import { defineCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit.ts'
import { dryRunText, pinnedText, ranJson, ranText } from '../print/executor.ts'
import { sessionThatHolds } from '../session.ts'
import { answer, type Shell } from '../shell.ts'
import { executorTools } from '../wiring/executor.ts'
import { withBoard } from '../with-board.ts'

/** `if-board run -- WORDS…`. Exit status 0: it left with 0; 1: it did not; 5: refused; 130: interrupted. */
export const run = defineCommand({
  usage: 'run [words..]',
  positionals: { words: { type: 'string', array: true, describe: 'The command, behind `--`; no shell reads it' } },
  options: {
    task: { type: 'string', requiresArg: true, describe: 'For this task; without, the only one you hold' },
    'dry-run': { type: 'boolean', describe: 'Say whether it may run and how, and start nothing' },
    pin: { type: 'string', requiresArg: true, describe: 'Say that this granted program is the file along your PATH' },
  },
  examples: [
    ['if-board run -- npm test', 'the tests of the project, if `commands` in the settings grants them'],
    ['if-board run --dry-run -- git log -p', 'may it run? Nothing is started'],
    ['if-board run --pin tests', 'a person: which file its program is on this machine'],
  ],
  notes: 'Off until the settings grant a command: docs/executor.md.',
  marksDashes: true,
  run: (args, shell) => (args.pin === undefined ? runWords(args as typeof args & Asked, shell) : pin(args.pin, shell)),
})

interface Asked {
  readonly words?: readonly string[]
  readonly task?: string
  readonly 'dry-run'?: boolean
  /** `--` was typed. */
  readonly dashes: boolean
}

function runWords({ words = [], task, 'dry-run': isDry, dashes }: Asked, shell: Shell): Promise<number> {
  if (!dashes || words.length === 0)
    throw new IfBoardError('usage/invalid', 'run: expected the words of a command behind `--`', {
      hint: 'if-board run -- npm test',
    })
  return withBoard(shell, async (opened) => {
    const session = await sessionThatHolds(opened)
    const tools = executorTools(opened, shell)
    const asked = { session, task, argv: words }
    if (isDry === true) {
      const found = await dryRun(opened.box, tools, asked)
      answer(shell, { kind: 'may-run', ...found, refusal: found.refusal ?? null }, () => dryRunText(found))
      return found.verdict === 'allow' ? EXIT.ok : EXIT.refused
    }
    const outcome = await runCommand(opened.box, tools, asked)
    answer(shell, ranJson(outcome), () => ranText(outcome))
    return exitOf(outcome)
  })
}

function exitOf(outcome: CommandAnswer): ExitStatus {
  if (outcome.kind === 'refused') return EXIT.refused
  const { kind } = outcome.report.outcome
  if (kind === 'stopped') return EXIT.interrupted
  return kind === 'completed' ? EXIT.ok : EXIT.error
}

function pin(name: string, shell: Shell): Promise<number> {
  return withBoard(shell, async (opened) => {
    const pinned = await pinCommand(opened.box, executorTools(opened, shell), name)
    const { command, pin: file, before } = pinned
    answer(shell, { kind: 'pinned', command, ...file, before: before ?? null }, () => pinnedText(pinned))
    return EXIT.ok
  })
}
