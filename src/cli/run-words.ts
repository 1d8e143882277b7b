/** `run -- WORDS…` and `run --pin NAME`, whatever else `run` may do. */
import { pinCommand } from '../workflows/executor/pin-command.ts'
import { type CommandAnswer, dryRun, runCommand } from '../workflows/executor/run-command.ts'
import { EXIT, type ExitStatus } from './exit.ts'
import { dryRunText, pinnedText, ranJson, ranText } from './print/executor.ts'
import { sessionThatHolds } from './session.ts'
import { answer, type Shell } from './shell.ts'
import { executorTools } from './wiring/executor.ts'
import { withBoard } from './with-board.ts'

interface Asked {
  readonly words: readonly string[]
  readonly task: string | undefined
  readonly dryRun: boolean | undefined
}

export function runWords(shell: Shell, { words, task, dryRun: isDry }: Asked): Promise<number> {
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

export function pinProgram(shell: Shell, name: string): Promise<number> {
  return withBoard(shell, async (opened) => {
    const pinned = await pinCommand(opened.box, executorTools(opened, shell), name)
    const { command, pin: file, before } = pinned
    answer(shell, { kind: 'pinned', command, ...file, before: before ?? null }, () => pinnedText(pinned))
    return EXIT.ok
  })
}
