import { finishJson, nextJson } from '../../workflows/answers.ts'
import { type RunOutcome, runBody } from '../../workflows/jobs/run-body.ts'
import { defineCommand } from '../command.ts'
import { EXIT, exitOfFinish } from '../exit.ts'
import { nothingText } from '../print/nothing.ts'
import { finishText } from '../print/outcome.ts'
import { sessionThatTakes } from '../session.ts'
import { answer } from '../shell.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board run ID`. Exit status 0: done; 3: not ready; 4: another's; 5: refused, or its body did not pass. */
export const run = defineCommand({
  usage: 'run <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as F3, or BOARD:ID' } },
  options: {},
  examples: [['if-board run F3', 'claim F3, run its body on HEAD, complete it with what that wrote']],
  notes: 'Your files stay as they are: what it writes is a commit on a branch of its own (docs/checks.md).',
  run: ({ task }, shell) =>
    withBoard(shell, async (opened) => {
      const { session } = await sessionThatTakes(opened, shell)
      const outcome = await runBody(opened.box, { session, task })
      answer(shell, outcome.kind === 'none' ? nextJson(outcome) : finishJson(outcome), () =>
        runText(outcome, session, task),
      )
      await foldAfterwards(opened, session)
      return outcome.kind === 'none' ? EXIT.nothingReady : exitOfFinish(outcome)
    }),
})

function runText(outcome: RunOutcome, session: Parameters<typeof nothingText>[0]['session'], task: string): string {
  return outcome.kind === 'none' ? nothingText({ none: outcome.none, session, task }) : finishText(outcome)
}
