/** What holds for every event by itself, sealed or not: its board, its signature, its key, its trace. */
import type { SignedEvent } from '../../model/index.ts'
import { verifyEvent } from '../event-commit.ts'
import { eventType } from '../event-shape.ts'
import { traceIdOf } from '../trace.ts'
import { reaches } from './facts.ts'
import type { Findings, Place } from './findings.ts'
import { nameOf } from './places.ts'
import type { Sessions } from './sessions.ts'
import type { VerifyRequest, VerifyTools } from './tools.ts'

/** `full` and above check the signature, the key and the trace too, `audit` with what authority the key signs. */
export function judgeEvent(
  { facts, level, tools, findings, authority }: VerifyRequest,
  sessions: Sessions,
  event: SignedEvent,
  place: Place,
): void {
  if (event.source !== `if-board:${facts.boardId}`)
    findings.add('foreign-event', place, `${nameOf(event)} was said on another board`)
  if (!reaches(level, 'full')) return
  if (!verifyEvent(event, tools.verify))
    findings.add('signature-wrong', place, `${nameOf(event)} has a wrong signature`)
  judgeKey(event, sessions, findings, place)
  judgeTrace(event, tools, findings, place)
  authority?.judge(event, place)
}

/** The first key that speaks for a session is its own; whoever comes with another one must say `joined` first. */
function judgeKey(event: SignedEvent, sessions: Sessions, findings: Findings, place: Place): void {
  const { session, sessionkey } = event
  const before = sessions.setKey(session, sessionkey)
  if (before === undefined || before === sessionkey) return
  if (eventType(event) === 'joined')
    findings.notice('key-renewed', place, `${session} joined again with another key at #${event.sequence}`)
  else findings.add('key-changed', place, `${nameOf(event)} is signed by another key than the events before`)
}

/** One trace per task: its id follows from board and key. */
function judgeTrace(event: SignedEvent, tools: VerifyTools, findings: Findings, place: Place): void {
  const { traceparent, subject } = event
  if (traceparent === undefined || subject === undefined) return
  const boardId = event.source.slice('if-board:'.length)
  if (traceparent.slice(3, 35) !== traceIdOf(boardId, subject, tools.sha256))
    findings.add('trace-differs', place, `${nameOf(event)} carries the trace of another task`)
}
