/** What a fold leaves of the money and the outcomes that its events tell of: the ledger, and accounts of tasks. */
import {
  EMPTY_LEDGER,
  NOTHING,
  type SealedSession,
  type SignedEvent,
  type TaskAccount,
  type TaskKey,
  type TaskState,
} from '../model/index.ts'
import { countedThrough, tally } from '../witness/index.ts'
import { renderLedgerFile } from '../witness/ledger-file.ts'
import { readNotes } from './all-notes.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface LedgerRequest {
  /** In the order of the log. Those that the ledger of the branch has counted already count no more. */
  readonly events: readonly SignedEvent[]
  /** Ends of chains that this fold records without sealing their events. */
  readonly sealed: readonly SealedSession[]
}

export interface LedgerAfter {
  /** New text of the ledger; `undefined`: it stays. */
  readonly text: string | undefined
  /** Accounts that changed. */
  readonly tasks: ReadonlyMap<TaskKey, TaskAccount>
}

export async function ledgerAfter(
  box: Toolbox,
  reading: WholeReading,
  { events, sealed }: LedgerRequest,
): Promise<LedgerAfter> {
  const { ledger: before, states } = reading.branch
  // A branch that has never had a ledger, or has lost it, gets one of the whole log.
  const log = before === undefined ? (await readNotes(box, reading)).flatMap((note) => note.events) : []
  const taskAccount = (key: TaskKey) =>
    before === undefined ? onlyForgiven(states.get(key)) : states.get(key)?.account
  const counted = tally({ ledger: before ?? EMPTY_LEDGER, taskAccount }, [...log, ...events])
  const after = renderLedgerFile(countedThrough(counted.ledger, sealed))
  const isSame = after === (before === undefined ? '' : renderLedgerFile(before))
  return { text: isSame ? undefined : after, tasks: counted.tasks }
}

/** What a person forgave by an edit of the board is in no log. */
function onlyForgiven(state: TaskState | undefined): TaskAccount | undefined {
  const forgivenEpoch = state?.account?.forgivenEpoch
  return forgivenEpoch === undefined ? undefined : { spent: NOTHING, tried: [], failed: [], forgivenEpoch }
}
