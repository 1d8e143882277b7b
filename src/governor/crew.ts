/**
 * Who should take a task that several sessions want: score = match × reputation / price.
 *
 * It decides between sessions only; what one session is offered, and in which order, says `scheduler/rank.ts`. All of
 * it follows from what every clone reads alike, so all come to the same order without talking.
 */
import type { BoardName, Ledger, Sample, SessionName } from '../model/index.ts'
import { type CapabilityBook, type CapabilityTask, matchOf, type Skills } from './capabilities.ts'

/** What is known of one session. */
export interface Member {
  readonly session: SessionName
  readonly skills: Skills
  /** 0 to 1. */
  readonly reputation: number
  /** Millionths of a dollar an hour; `undefined` = it never said. */
  readonly rateMicroUsdPerHour: number | undefined
}

export interface Crew {
  /** Members that match the task at its threshold, best score first; one list for all tasks of a kind. */
  readonly takersOf: (task: CapabilityTask) => readonly SessionName[]
}

/** A rate of 0 makes a task cheap, not free: a cent an hour, in millionths of a dollar. */
const LEAST_RATE = 10_000
/** On a board without history; it weighs on all alike. */
const USUAL_MINUTES = 30
/** Fewer tasks say nothing of the next one. */
const LEAST_SAMPLES = 3

/** `members` in any order; `boards` is what completed tasks took. Pure. */
export function openCrew(book: CapabilityBook, members: readonly Member[], boards: Ledger['boards']): Crew {
  const byMerit = new Map<BoardName, readonly Merited[]>()
  const kinds = new Map<string, readonly SessionName[]>()
  const known = new WeakMap<CapabilityTask, readonly SessionName[]>()
  const meritsOn = (board: BoardName) => {
    const merits =
      byMerit.get(board) ?? meritsOf(members, boards.find((account) => account.board === board)?.samples ?? [])
    byMerit.set(board, merits)
    return merits
  }
  const takersOfKind = (task: CapabilityTask) => {
    const needs = book.needsOf(task)
    const threshold = book.thresholdOf(task)
    const kind = JSON.stringify([task.board, threshold, ...needs])
    const takers = kinds.get(kind) ?? bestFirst(meritsOn(task.board), needs, threshold)
    kinds.set(kind, takers)
    return takers
  }
  return {
    takersOf(task) {
      const takers = known.get(task) ?? takersOfKind(task)
      known.set(task, takers)
      return takers
    },
  }
}

/** All of a score that does not depend on what a task needs: reputation / price. */
interface Merited {
  readonly member: Member
  readonly merit: number
}

/** Best first: so that the takers of a kind are nearly in order before they are sorted. */
function meritsOf(members: readonly Member[], samples: readonly Sample[]): Merited[] {
  const priceOf = prices(members, samples)
  return members
    .map((member) => ({ member, merit: member.reputation / priceOf(member) }))
    .sort((a, b) => b.merit - a.merit || equals(a, b))
}

function bestFirst(merits: readonly Merited[], needs: ReadonlySet<string>, threshold: number): SessionName[] {
  const takers = merits.flatMap(({ member, merit }) => {
    const match = matchOf(needs, member.skills.has)
    return match < threshold ? [] : [{ member, score: match * merit }]
  })
  return takers.sort((a, b) => b.score - a.score || equals(a, b)).map(({ member }) => member.session)
}

/** Of equals first who can do less, because more is left for the others; then by name. */
function equals({ member: a }: Pick<Merited, 'member'>, { member: b }: Pick<Merited, 'member'>): number {
  return a.skills.has.size - b.skills.has.size || (a.session < b.session ? -1 : 1)
}

/**
 * What a usual task of one board costs when this member does it: rate × minutes, both above zero. Who never said a rate
 * is taken for as dear as the dearest; where nobody did, price says nothing and is 1 for all.
 */
function prices(members: readonly Member[], samples: readonly Sample[]): (member: Member) => number {
  const rates = members.flatMap(({ rateMicroUsdPerHour: rate }) =>
    rate === undefined ? [] : [Math.max(rate, LEAST_RATE)],
  )
  if (rates.length === 0) return () => 1
  const dearest = rates.reduce((most, rate) => Math.max(most, rate))
  return ({ session, rateMicroUsdPerHour: rate }) => {
    const perHour = rate === undefined ? dearest : Math.max(rate, LEAST_RATE)
    return (perHour * minutesOf(samples, session)) / 60
  }
}

/** By the session's own completed tasks, else by everybody's; at least one minute. */
function minutesOf(samples: readonly Sample[], session: SessionName): number {
  const own = samples.filter((sample) => sample.session === session)
  return Math.max(1, median(own) ?? median(samples) ?? USUAL_MINUTES)
}

function median(samples: readonly Sample[]): number | undefined {
  if (samples.length < LEAST_SAMPLES) return undefined
  return samples.map(({ minutes }) => minutes).sort((a, b) => a - b)[samples.length >> 1]
}
