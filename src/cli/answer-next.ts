/** Print what `next` and `claim` were answered. */
import { type SessionName, splitTaskKey } from '../model/index.ts'
import { nextJson } from '../workflows/answers.ts'
import type { NextOutcome } from '../workflows/outcomes.ts'
import { cardText } from './print/card.ts'
import { nothingText } from './print/nothing.ts'
import { alsoHeldLine, lostText, refusedText } from './print/outcome.ts'
import { answer, type Shell, tell } from './shell.ts'
import type { Opened } from './wiring/open.ts'

export interface NextAnswer {
  readonly outcome: NextOutcome
  readonly session: SessionName
  /** The id that was asked for, as typed. */
  readonly task?: string
}

export async function answerNext({ box }: Opened, shell: Shell, { outcome, session, task }: NextAnswer): Promise<void> {
  if (shell.json) return answer(shell, nextJson(outcome), () => '')
  switch (outcome.kind) {
    case 'granted':
    case 'held': {
      const { branch } = await box.work.head()
      const held = outcome.kind === 'held'
      const peek = outcome.kind === 'granted' && outcome.peek
      const now = box.clock.now().wallMs
      const nameSession = shell.session !== undefined
      shell.data(cardText({ card: outcome.card, session, branch, held, peek, now, nameSession }))
      if (held && outcome.alsoHeld.length > 0) tell(shell, alsoHeldLine(outcome.alsoHeld))
      return
    }
    case 'none':
      return shell.data(nothingText({ none: outcome.none, session, task }))
    case 'lost':
      return shell.data(lostText(outcome))
    case 'refused':
      return shell.data(refusedText(outcome))
  }
}

/** Who shares a terminal's session may meet a task that somebody else took there. */
export function heldTask(outcome: NextOutcome): { readonly id: string; readonly at: number } | undefined {
  if (outcome.kind !== 'held' || outcome.card.claim === undefined) return undefined
  return { id: splitTaskKey(outcome.card.task.key).id, at: outcome.card.claim.at }
}
