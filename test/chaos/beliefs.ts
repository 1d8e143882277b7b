/** For how long sessions of a chaos run believed that they hold a task, by what they noted. */
import { type Believed, type Ended, type Note, type Question, questionsIn, type Token, type Told } from './notes.ts'

export interface Belief {
  readonly task: string
  readonly session: string
  /** Of what two answers say while etcd decides it is not known. */
  readonly token: Token | undefined
  readonly from: number
  readonly until: number
}

/** Of engines, and by what sessions were told. */
export function beliefsIn(notes: readonly Note[]): Belief[] {
  return [...engineBeliefs(notes), ...answeredBeliefs(questionsIn(notes))]
}

/** What engines believed, each piece under one token. */
export function engineBeliefs(notes: readonly Note[]): Belief[] {
  const pieces = new Map<string, Belief[]>()
  for (const one of notes) {
    if (one.kind !== 'believed' && one.kind !== 'ended') continue
    const name = `${one.session} ${one.task}`
    const before = pieces.get(name) ?? []
    pieces.set(name, one.kind === 'ended' ? cut(before, one) : grown(before, one))
  }
  return [...pieces.values()].flat()
}

function cut(pieces: readonly Belief[], { at }: Ended): Belief[] {
  return pieces.map((piece) => ({ ...piece, until: Math.min(piece.until, at) }))
}

/** The newest piece lasts longer, or a new one begins. */
function grown(pieces: readonly Belief[], { task, session, token, at, until }: Believed): Belief[] {
  const last = pieces.at(-1)
  const goesOn = last?.token !== undefined && last.until >= at && compare(last.token, token) === 0
  if (last !== undefined && goesOn) return [...pieces.slice(0, -1), { ...last, until }]
  return [...pieces, { task, session, token, from: at, until }]
}

/**
 * A claim that two answers in a row name was held from the first one until the second was asked for; and until its end
 * was asked for, where that succeeded.
 */
function answeredBeliefs(questions: readonly Question[]): Belief[] {
  const last = new Map<string, Told>()
  return questions.flatMap(({ at: until, told, session, what }) => {
    const before = last.get(session)
    if (what === 'done' || what === 'release') last.delete(session)
    else if (told?.answer === 'granted' || told?.answer === 'held') last.set(session, told)
    if (before?.task === undefined || told === undefined || !isSame(before, told) || until <= before.at) return []
    return [{ task: before.task, session, token: before.token, from: before.at, until }]
  })
}

function isSame(before: Told, { answer, task, claim }: Told): boolean {
  if (answer === 'held') return claim !== undefined && claim === before.claim
  return (answer === 'completed' || answer === 'released') && task === before.task
}

/** Below 0: `one` is the older token. */
export function compare(one: Token, other: Token): number {
  return one.epoch - other.epoch || one.number - other.number
}
