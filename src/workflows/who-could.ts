/** Which sessions the rules let do a task, and help tasks that nobody does. */
import { claimRef, elapsedMs } from '../claim/index.ts'
import { type AdmissionFacts, admitTask, type Refusal } from '../governor/index.ts'
import { type SessionName, splitTaskKey, type Task, type TaskKey } from '../model/index.ts'
import { type HelpWanted, helpWanted, type Need, type TaskView } from '../projection/index.ts'
import { admissionFacts } from './admission-facts.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface Could {
  readonly session: SessionName
  /** What keeps it from this task; `undefined` = it may do it, now or when it has finished what it holds. */
  readonly refusal: Refusal | undefined
}

/** What keeps a session from a task, of all sessions and tasks of one reading. */
export function keeperOf(box: Toolbox, reading: Reading): (session: SessionName, task: Task) => Refusal | undefined {
  const facts = new Map<SessionName, AdmissionFacts>()
  return (session, task) => {
    const known = facts.get(session) ?? admissionFacts(box, reading, session)
    facts.set(session, known)
    const verdict = admitTask(known, task)
    return verdict.kind === 'allow' ? undefined : verdict
  }
}

/** Each active session, by name. */
export function whoCould(box: Toolbox, reading: Reading, task: Task): Could[] {
  const refusalOf = keeperOf(box, reading)
  const active = [...reading.snapshot.sessions.values()].filter((one) => one.active && one.paused === undefined)
  return active
    .map(({ record }) => record.name)
    .sort()
    .map((session) => ({ session, refusal: refusalOf(session, task) }))
}

/** A help task that is ready and that nobody holds. */
export interface WaitingHelp {
  readonly view: TaskView
  readonly wanted: HelpWanted
  /** Could an active session do it? */
  readonly isPossible: boolean
  /** For how long this observer has seen it asked for. */
  readonly waitedMs: number
}

export function waitingHelp(box: Toolbox, reading: Reading): WaitingHelp[] {
  const { snapshot, claims, ledger, now } = reading
  return [...helpWanted(claims)].flatMap(([key, wanted]: [TaskKey, HelpWanted]) => {
    const view = snapshot.views.get(key)
    if (view?.status !== 'ready') return []
    const seen = ledger.get(claimRef(box.layout, wanted.said.key, box.sha256))
    const isPossible = whoCould(box, reading, view.task).some(({ refusal }) => refusal === undefined)
    return { view, wanted, isPossible, waitedMs: seen === undefined ? 0 : elapsedMs(seen, now) }
  })
}

/** What a person must see to: no active session could help, or none has for too long. */
export function helpNeeds(box: Toolbox, reading: Reading): Need[] {
  const { escalateMinutes } = reading.config.governor.help
  return waitingHelp(box, reading)
    .filter(({ isPossible, waitedMs }) => !isPossible || waitedMs >= escalateMinutes * 60_000)
    .map((help) => ({
      kind: 'help-wanted',
      task: help.view.task.id,
      message: helpMessage(help),
      hint: `if-board why ${help.view.task.id}`,
      place: help.view.task.place,
    }))
}

export function helpMessage({ view: { task }, wanted, isPossible }: WaitingHelp): string {
  const why = isPossible ? 'nobody takes it' : 'no active session could do it'
  return `${wanted.by} is stuck with ${splitTaskKey(wanted.blocked).id} and asks for help by ${task.id} (${task.title}); ${why}`
}
