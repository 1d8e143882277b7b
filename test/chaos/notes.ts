/**
 * What sessions of a chaos run note of themselves: what they asked and were told, and for how long they believed.
 *
 * One line of JSON each, appended by one write before the next thing is done, so that a killed process leaves all that
 * it knew. Times are milliseconds of the machine's monotonic clock, which all its processes share.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

export type Note = Asked | Told | Believed | Ended

/** A session is about to ask. */
export interface Asked {
  readonly kind: 'asked'
  readonly at: number
  /** Of this question, in all notes. */
  readonly id: string
  readonly session: string
  readonly what: 'next' | 'claim' | 'done' | 'release'
  /** Of `claim`, `done` and `release`. */
  readonly task?: string
}

/** What it was told; a question without it may have done anything that it was meant to. */
export interface Told {
  readonly kind: 'told'
  readonly at: number
  readonly id: string
  readonly session: string
  /** The kind of the answer, or the code of an error. */
  readonly answer: string
  readonly task?: string
  /** Of `granted` and `held`: object id of the claim. */
  readonly claim?: string
  /** Of a claim that git decided. */
  readonly token?: Token
}

/** The session's engine believes in a claim until then, if nothing else happens. */
export interface Believed {
  readonly kind: 'believed'
  readonly at: number
  readonly session: string
  readonly task: string
  readonly token: Token
  readonly until: number
}

/** It believes no more: it is about to end the claim, or was told that it is lost. */
export interface Ended {
  readonly kind: 'ended'
  readonly at: number
  readonly session: string
  readonly task: string
}

/** Grows from holder to holder of a task. */
export interface Token {
  /** Of the mode record under which it was granted. */
  readonly epoch: number
  /** In etcd the revision of its key, in git the number of the grant. */
  readonly number: number
}

export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

export function noter(file: string): (note: Note) => void {
  return (note) => appendFileSync(file, `${JSON.stringify(note)}\n`)
}

/** All that was noted, in the order of time. A process that was killed may have left half a line. */
export function readNotes(files: readonly string[]): Note[] {
  const lines = files.filter((file) => existsSync(file)).flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  return lines.flatMap(parsed).sort((a, b) => a.at - b.at)
}

function parsed(line: string): Note[] {
  try {
    return [JSON.parse(line) as Note]
  } catch {
    return []
  }
}

/** A question with what was told; without it nobody heard. */
export interface Question extends Asked {
  readonly told: Told | undefined
}

export function questionsIn(notes: readonly Note[]): Question[] {
  const told = new Map(notes.flatMap((one) => (one.kind === 'told' ? [[one.id, one] as const] : [])))
  return notes.flatMap((one) => (one.kind === 'asked' ? [{ ...one, told: told.get(one.id) }] : []))
}

let asked = 0

/** What was answered, as it is noted. */
export type Answer = Pick<Told, 'answer' | 'task' | 'claim' | 'token'>

/** Asks, and notes both. */
export async function noted(
  note: (note: Note) => void,
  question: Pick<Asked, 'session' | 'what' | 'task'>,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  asked += 1
  const { session } = question
  const id = `${process.pid}-${asked}`
  note({ kind: 'asked', at: monotonicMs(), id, ...question })
  const answer = await ask()
  note({ kind: 'told', at: monotonicMs(), id, session, ...answer })
  return answer
}
