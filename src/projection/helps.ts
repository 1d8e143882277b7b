/** Tasks that were made because a session was stuck: `block --needs`. */
import { type ClaimRecord, type SessionName, type Task, type TaskKey, taskKey } from '../model/index.ts'
import { eventType } from '../witness/index.ts'

/** Why a help task is there. */
export interface HelpWanted {
  /** The task that waits for it. */
  readonly blocked: TaskKey
  /** Who is stuck with that one: the session that is never offered the help task. */
  readonly by: SessionName
  /** The claim ref's value that says so, of which an observer knows since when it stands. */
  readonly said: ClaimRecord
}

/** By key of the help task. It lasts until somebody takes the blocked task again, or until that is settled. */
export function helpWanted(claims: Iterable<ClaimRecord>): ReadonlyMap<TaskKey, HelpWanted> {
  const wanted = new Map<TaskKey, HelpWanted>()
  for (const claim of claims) {
    const { help } = claim.event.data
    if (eventType(claim.event) !== 'block' || help === undefined) continue
    wanted.set(taskKey(help.board, help.id), { blocked: claim.key, by: claim.session, said: claim })
  }
  return wanted
}

/** The help task that a blocked one waits for, by the claim ref of the blocked one. */
export function helpOf(claim: ClaimRecord | undefined): TaskKey | undefined {
  const help = claim === undefined || eventType(claim.event) !== 'block' ? undefined : claim.event.data.help
  return help === undefined ? undefined : taskKey(help.board, help.id)
}

/** A help task stands in the section of the blocked one, and is meant for others than that section's session. */
export function forWhoeverCan(task: Task, helping: ReadonlyMap<TaskKey, unknown>): Task {
  return helping.has(task.key) ? { ...task, assigned: undefined } : task
}
