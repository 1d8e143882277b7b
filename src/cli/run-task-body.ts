/** `run ID`, whatever else `run` may do. */
import type { SessionName } from '../model/index.ts'
import { finishJson, nextJson } from '../workflows/answers.ts'
import { type RunOutcome, runBody } from '../workflows/jobs/run-body.ts'
import { EXIT, exitOfFinish } from './exit.ts'
import { nothingText } from './print/nothing.ts'
import { finishText } from './print/outcome.ts'
import { sessionThatTakes } from './session.ts'
import { answer, type Shell } from './shell.ts'
import { foldAfterwards, withBoard } from './with-board.ts'

/** @returns exit status 0: done; 3: not ready; 4: another's; 5: refused, or its body did not pass */
export function runTaskBody(shell: Shell, task: string): Promise<number> {
  return withBoard(shell, async (opened) => {
    const { session } = await sessionThatTakes(opened, shell)
    const outcome = await runBody(opened.box, { session, task })
    const json = outcome.kind === 'none' ? nextJson(outcome) : finishJson(outcome)
    answer(shell, json, () => runText(outcome, session, task))
    await foldAfterwards(opened, session)
    return outcome.kind === 'none' ? EXIT.nothingReady : exitOfFinish(outcome)
  })
}

function runText(outcome: RunOutcome, session: SessionName, task: string): string {
  return outcome.kind === 'none' ? nothingText({ none: outcome.none, session, task }) : finishText(outcome)
}
