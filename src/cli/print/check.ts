/** What `check` found, for people and as JSON. Pure. */
import { printable, splitTaskKey } from '../../model/index.ts'
import type { CheckOutcome } from '../../workflows/jobs/check-task.ts'
import { quoted, refusedText } from './outcome.ts'
import { usedWords } from './run.ts'
import { idOf } from './words.ts'

export function checkText({ task, title, commit, refusal, results }: CheckOutcome): string {
  if (refusal !== undefined) return refusedText(refusal)
  const name = `${printable(idOf(task), 128)} (${printable(title, 120)})`
  const said = results.map(({ name: job, output, run }) => {
    return `${printable(job, 200)} passes${run === undefined ? '' : usedWords(run)}.\n${quoted(output)}`
  })
  return `${said.join('')}${name} passes at ${commit?.slice(0, 12) ?? 'no commit'}. Complete it: if-board done ${printable(idOf(task), 128)}\n`
}

export function checkJson({ task, title, commit, refusal, results }: CheckOutcome) {
  const { id, board } = splitTaskKey(task)
  const refused =
    refusal === undefined
      ? {}
      : {
          refused: {
            rule: refusal.rule,
            reason: refusal.reason,
            hint: refusal.hint,
            ...(refusal.output === undefined ? {} : { output: refusal.output }),
          },
        }
  return {
    kind: refusal === undefined ? 'passed' : 'refused',
    task: { id, board, title },
    commit: commit ?? null,
    ...refused,
    runs: results.map(({ name, verdict, output, run }) => ({ job: name, verdict, output, ran: run ?? null })),
  }
}
