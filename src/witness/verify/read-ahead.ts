/** Notes in the order of the folds, each asked for before it is needed: git answers while others are judged. */
import type { ReadMessage } from '../note.ts'
import { checkpointOf, type LogFacts, type NotesCommitFacts } from './facts.ts'

export interface FoldText extends ReadMessage {
  /** `undefined`: there is no note. */
  readonly text: string | undefined
}

/** Notes that are asked for at once; each has some 100 KiB at most in a fleet at work. */
const AHEAD = 32

/** Of these commits, oldest first; those that carry no checkpoint are left out. */
export async function* readAhead({ note }: LogFacts, commits: readonly NotesCommitFacts[]): AsyncGenerator<FoldText> {
  const folds = commits.flatMap((one): ReadMessage[] => {
    const signed = checkpointOf(one)
    return signed === undefined ? [] : [{ message: one.message, signed }]
  })
  const asked: Promise<string | undefined>[] = []
  const ask = ({ signed }: ReadMessage) => {
    const text = note(signed.checkpoint.board)
    // Whoever waits for it is told; one that fails while nobody waits yet must not end the process.
    text.catch(() => undefined)
    asked.push(text)
  }
  folds.slice(0, AHEAD).forEach(ask)
  for (const [at, fold] of folds.entries()) {
    const text = await asked.shift()
    const next = folds[at + AHEAD]
    if (next !== undefined) ask(next)
    yield { ...fold, text }
  }
}
