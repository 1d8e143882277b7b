/** What a person is told when the authority did not move refs although nobody was in the way. */
import { IfBoardError, printable } from '../model/index.ts'
import type { MoveOutcome } from '../ports/index.ts'

/** A lock that is met this often in a row has most likely no owner any more. */
export const LOCKED_TRIES = 4

/** `what` begins the sentence, such as `the claim could not be taken`; `hint` is for when it was only busy. */
export function busyError(outcome: MoveOutcome | undefined, what: string, hint: string): IfBoardError {
  if (outcome?.kind !== 'busy')
    return new IfBoardError('authority/busy', `${what}: the authority keeps changing`, { hint })
  if (outcome.lock === undefined) return new IfBoardError('authority/busy', `${what}: ${outcome.reason}`, { hint })
  return new IfBoardError(
    'authority/locked',
    `${what}: the authority is locked by \`${printable(outcome.lock, 1_000)}\``,
    { hint: `${hint} (a lock that stays was left by a killed process; ten minutes old: if-board doctor --fix)` },
  )
}

export function refusedError({ reason }: MoveOutcome & { readonly kind: 'refused' }, what: string): IfBoardError {
  return new IfBoardError('authority/refused', `the authority refuses ${what}: ${reason}`, { hint: 'if-board doctor' })
}
