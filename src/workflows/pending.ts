/**
 * Facts that had no push of their own: lost races and denials. They wait unsigned in the hub and
 * ride in the session's next push; what never rides was never said.
 */
import { type EventData, type EventType, isTaskId, refKey, type SessionName, type TaskKey } from '../model/index.ts'
import { sayableData } from './sayable.ts'
import type { Toolbox } from './toolbox.ts'

export interface PendingFact {
  readonly type: EventType
  readonly subject: TaskKey
  readonly data: EventData
}

/** More than these are not carried in one push; the oldest go first. */
const MAX_RIDERS = 16

/** Note a fact once: the same (type, task, reason) does not wait twice. */
export async function noteFact(box: Toolbox, session: SessionName, heard: PendingFact): Promise<void> {
  const fact = { ...heard, data: await sayableData(box, heard.type, heard.data) }
  const waiting = await pendingFacts(box, session)
  const same = (other: PendingFact) =>
    other.type === fact.type && other.subject === fact.subject && other.data.reason === fact.data.reason
  if (waiting.some(same) || waiting.length >= MAX_RIDERS) return
  await write(box, session, [...waiting, fact])
}

export async function pendingFacts(box: Toolbox, session: SessionName): Promise<PendingFact[]> {
  const text = await box.memory.read(nameOf(box, session))
  if (text === undefined) return []
  return text.split('\n').flatMap((line) => {
    try {
      const fact = JSON.parse(line) as PendingFact
      return (fact.type === 'lost' || fact.type === 'denied') && isTaskId(fact.data.task?.id ?? '') ? [fact] : []
    } catch {
      return [] // the empty last line, or half a line of a process that was killed
    }
  })
}

/** The first `count` facts were said. */
export async function settlePending(box: Toolbox, session: SessionName, count: number): Promise<void> {
  if (count > 0) await write(box, session, (await pendingFacts(box, session)).slice(count))
}

async function write(box: Toolbox, session: SessionName, facts: readonly PendingFact[]): Promise<void> {
  if (facts.length === 0) return box.memory.remove(nameOf(box, session))
  await box.memory.write(nameOf(box, session), facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''))
}

function nameOf(box: Toolbox, session: SessionName): string {
  return `pending/${refKey(session, box.sha256)}`
}
