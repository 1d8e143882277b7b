/** The rule `help`: whom a task is offered that was made because another session is stuck. */
import { type HelpRules, printable, type SessionName, splitTaskKey, type Task, type TaskKey } from '../model/index.ts'
import type { Accounts } from './accounts.ts'
import type { Helping, Refusal } from './verdict.ts'

export interface HelpFacts {
  readonly config: { readonly governor: { readonly help: HelpRules } }
  readonly session: SessionName
  readonly accounts: Accounts
  /** By key of the help task. */
  readonly helping: ReadonlyMap<TaskKey, Helping>
}

/** Never the session that is stuck, also where it is alone; others only while few have tried. */
export function help(
  { config, session, accounts, helping }: HelpFacts,
  { key, id }: Pick<Task, 'key' | 'id'>,
): Refusal | undefined {
  const wanted = helping.get(key)
  if (wanted === undefined) return undefined
  const shown = printable(id, 60)
  const of = printable(splitTaskKey(wanted.blocked).id, 60)
  if (wanted.by === session)
    return refuse(`${shown} helps with ${of}, where ${session} is stuck: another session does it`)
  const rules = config.governor.help
  const { tried = [] } = accounts.taskAccount(key) ?? {}
  if (tried.length < rules.sessions || tried.includes(session)) return undefined
  return refuse(
    `${tried.length} sessions have tried ${shown}, and at most ${rules.sessions} may (help.sessions): a person decides`,
  )
}

function refuse(reason: string): Refusal {
  return { kind: 'refuse', rule: 'help', reason, leaves: 'wait' }
}
