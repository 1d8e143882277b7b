/**
 * Facts that had no push of their own: lost races, denials, commands and checks that were run, what a late command has
 * cost, what the proxy let out. They wait unsigned in the hub and ride in the session's next push; what never rides was
 * never said. Before that push it is noted which event they ride with: whatever becomes of the answer, or of the process,
 * they have been said once that event is the newest of the chain.
 *
 * Kept in the hub: `pending/<session>`, one JSON line per fact, one that counts those that found no room, one for each event
 * that something rides with; `facts/<session>`, marks of the newest facts, so that one that comes up again is said once.
 */
import {
  clip,
  type EventData,
  isObjectId,
  isTaskId,
  type ObjectId,
  refKey,
  type SessionName,
  type TaskKey,
} from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { formatTime } from '../witness/index.ts'
import { findEntry } from './branch-tree.ts'
import type { Reading } from './read.ts'
import { CONFIG_FILE } from './read-branch.ts'
import { sayableData } from './sayable.ts'
import { taskOf } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'

type FactType = 'lost' | 'denied' | 'cost' | 'ran' | 'executed' | 'requested'

export interface Fact {
  readonly type: FactType
  readonly subject?: TaskKey
  readonly data: EventData
}

export interface Pending {
  readonly facts: readonly Fact[]
  /** Facts that found no room since the last push. */
  readonly dropped: number
}

/** What rides, or rode, in the push of one event. */
interface Riding {
  readonly event: ObjectId
  /** Marks of the facts. */
  readonly facts: readonly string[]
  readonly dropped: number
}

/** `mark`: what makes it the same as another one. */
interface Noted extends Fact {
  readonly mark?: string
}

/** As it is kept. */
interface Waiting extends Pending {
  readonly facts: readonly Noted[]
  /** The newest last: two processes of the session may be about to push at the same time. */
  readonly ridings: readonly Riding[]
}

/** More than these are not carried in one push; what comes after them is counted. */
const MAX_RIDERS = 16
/** Of events that never landed nobody tells. */
const MAX_RIDINGS = 8
/** A fact is known again while this many others have not come after it. */
const MAX_MARKS = 500
const MARK_DIGITS = 32
/** What cannot be written would be in the way of everything that comes after it. */
const MAX_REASON = 1000
const MAX_NAME = 200

/**
 * Note a fact, unless the same was noted before: `once` says what makes it the same, beside type and task; without it each
 * is another one.
 */
export async function noteFact(box: Toolbox, session: SessionName, fact: Fact, once?: string): Promise<void> {
  const mark = once === undefined ? undefined : markOf(box, `${fact.type}\n${fact.subject ?? ''}\n${once}`)
  if (mark !== undefined && (await readMarks(box, session)).includes(mark)) return
  const noted: Noted = { ...(await sayable(box, fact)), ...(mark === undefined ? {} : { mark }) }
  await update(box, session, ({ facts, dropped, ridings }) => {
    if (mark !== undefined && facts.some((waiting) => waiting.mark === mark)) return { facts, dropped, ridings }
    return facts.length < MAX_RIDERS
      ? { facts: [...facts, noted], dropped, ridings }
      : { facts, dropped: dropped + 1, ridings }
  })
  // Behind it: what was not written must be noted the next time.
  if (mark !== undefined) await keepMark(box, session, mark)
}

/** A fact that grows: it takes the place of the one that says less, if that still waits; `false`: there is no room yet. */
export async function noteGrowing(
  box: Toolbox,
  session: SessionName,
  fact: Fact,
  saysLess: (waiting: Fact) => boolean,
): Promise<boolean> {
  const noted = await sayable(box, fact)
  let isNoted = false
  await update(box, session, ({ facts, ...rest }) => {
    const others = facts.filter((waiting) => !saysLess(waiting))
    isNoted = others.length < MAX_RIDERS
    return { ...rest, facts: isNoted ? [...others, noted] : facts }
  })
  return isNoted
}

async function sayable(box: Toolbox, fact: Fact): Promise<Fact> {
  const data = { ...fact.data, trigger: box.trigger, happened: formatTime(box.clock.now().wallMs) }
  return { ...fact, data: await sayableData(box, fact.type, data) }
}

export interface Denial {
  readonly session: SessionName
  readonly rule: string
  /** In words. */
  readonly reason: string
  /** Absent where the rule is about the session and no task. */
  readonly view?: TaskView
  /** What else was asked for: another one is another denial. */
  readonly asked?: string
}

/** A policy refused: once per session, task, rule and text of the board, or of the settings where no task was meant. */
export async function noteDenial(
  box: Toolbox,
  { branch }: Reading,
  { session, rule, reason, view, asked = '' }: Denial,
): Promise<void> {
  const boardBlob = view === undefined ? undefined : branch.blobs.get(view.task.board)
  const judged = boardBlob ?? (await findEntry(box.objects, branch.tree, CONFIG_FILE))?.oid
  const about = view === undefined ? {} : { task: taskOf(view) }
  const blob = boardBlob === undefined ? {} : { boardBlob }
  const data: EventData = { ...about, ...blob, verdict: 'refuse', rule, reason: clip(reason, MAX_REASON) }
  const subject = view === undefined ? {} : { subject: view.task.key }
  await noteFact(box, session, { type: 'denied', ...subject, data }, `${rule}\n${judged}${asked}`)
}

export interface Loss {
  readonly session: SessionName
  readonly view: TaskView
  readonly reason: string
  /** Who has the task. */
  readonly to: string | undefined
  /** What else the attempt said. */
  readonly data?: EventData
}

/** Somebody else has the task: once per claim of theirs and attempt. */
export async function noteLoss(box: Toolbox, { session, view, reason, to, data = {} }: Loss): Promise<void> {
  const from = to === undefined ? {} : { from: clip(to, MAX_NAME) }
  const said: EventData = { ...data, task: taskOf(view), ...from, reason: clip(reason, MAX_REASON) }
  await noteFact(
    box,
    session,
    { type: 'lost', subject: view.task.key, data: said },
    `${reason}\n${takenBy(view)}\n${JSON.stringify(data)}`,
  )
}

function takenBy({ claim, state }: TaskView): ObjectId | undefined {
  return claim?.oid ?? state?.done?.seal
}

/** What waits. @param newest  event that ends the chain: what rode with it was said */
export async function readPending(box: Toolbox, session: SessionName, newest?: ObjectId): Promise<Pending> {
  const waiting = parsePending(await box.memory.read(pendingName(box, session)))
  const said = waiting.ridings.find(({ event }) => event === newest)
  if (said !== undefined) await settleRiding(box, session, said)
  const { facts, dropped } = said === undefined ? waiting : without(box, waiting, said)
  return { facts, dropped }
}

/** These ride with the event, whose push comes next. */
export async function noteRiding(
  box: Toolbox,
  session: SessionName,
  riders: Pending,
  event: ObjectId,
): Promise<Riding | undefined> {
  if (riders.facts.length + riders.dropped === 0) return undefined
  const marks = riders.facts.map((fact) => markOf(box, JSON.stringify(fact)))
  const riding = { event, facts: marks, dropped: riders.dropped }
  await update(box, session, ({ ridings, ...rest }) => ({
    ...rest,
    ridings: [...ridings, riding].slice(-MAX_RIDINGS),
  }))
  return riding
}

/** These were said. */
export async function settleRiding(box: Toolbox, session: SessionName, said: Riding | undefined): Promise<void> {
  if (said !== undefined) await update(box, session, (waiting) => without(box, waiting, said))
}

/** By what they say: one that has grown meanwhile was not said yet. Once: another process may have found the same. */
function without(box: Toolbox, { facts, dropped, ridings }: Waiting, said: Riding): Waiting {
  const isKnown = ridings.some(({ event }) => event === said.event)
  return {
    facts: facts.filter((fact) => !said.facts.includes(markOf(box, JSON.stringify(fact)))),
    dropped: Math.max(0, dropped - (isKnown ? said.dropped : 0)),
    ridings: ridings.filter(({ event }) => event !== said.event),
  }
}

/** In one step: a command and the proxy note facts of one session at the same time. */
function update(box: Toolbox, session: SessionName, change: (waiting: Waiting) => Waiting): Promise<void> {
  return box.memory.update(pendingName(box, session), (text) => {
    const { facts, dropped, ridings } = change(parsePending(text))
    if (facts.length + dropped === 0) return undefined
    const lines = [...facts, ...(dropped === 0 ? [] : [{ dropped }]), ...ridings.map((riding) => ({ riding }))]
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  })
}

function parsePending(text = ''): Waiting {
  const lines = text.split('\n').map(parseLine)
  return {
    facts: lines.flatMap((line) => (isFact(line) ? [line] : [])),
    dropped: lines.map(({ dropped }) => dropped).find(Number.isSafeInteger) ?? 0,
    ridings: lines.map((line) => line.riding).filter(isRiding),
  }
}

function isRiding(value: Partial<Riding> | undefined): value is Riding {
  return isObjectId(value?.event ?? '') && Array.isArray(value?.facts) && Number.isSafeInteger(value?.dropped)
}

type Line = Partial<Noted> & { readonly dropped?: number; readonly riding?: Partial<Riding> }

function parseLine(line: string): Line {
  try {
    return (JSON.parse(line) as Line | null) ?? {}
  } catch {
    return {} // the empty last line, or half a line of a process that was killed
  }
}

/** What an older version left here and this one would not write is not said. */
function isFact(line: Line): line is Noted {
  const { type, subject, data } = line
  if (data === undefined || (subject !== undefined && !isTaskId(data.task?.id ?? ''))) return false
  if (type === 'denied') return data.rule !== undefined && data.reason !== undefined
  if (type === 'ran') return subject !== undefined && data.ran !== undefined
  if (type === 'executed') return subject !== undefined && data.executed !== undefined
  if (type === 'requested') return data.requests !== undefined
  return subject !== undefined && (type === 'lost' || (type === 'cost' && data.cost !== undefined))
}

async function keepMark(box: Toolbox, session: SessionName, mark: string): Promise<void> {
  await box.memory.update(marksName(box, session), (text = '') => {
    const marks = parseMarks(text)
    return marks.includes(mark) ? text : [...marks, mark].slice(-MAX_MARKS).join('\n')
  })
}

async function readMarks(box: Toolbox, session: SessionName): Promise<string[]> {
  return parseMarks((await box.memory.read(marksName(box, session))) ?? '')
}

function parseMarks(text: string): string[] {
  return text.split('\n').filter((line) => line.length === MARK_DIGITS)
}

function markOf({ sha256 }: Toolbox, text: string): string {
  return sha256(text).slice(0, MARK_DIGITS)
}

function marksName(box: Toolbox, session: SessionName): string {
  return `facts/${refKey(session, box.sha256)}`
}

function pendingName(box: Toolbox, session: SessionName): string {
  return `pending/${refKey(session, box.sha256)}`
}
