/** The rule `capabilities`: a session is offered what it matches at the threshold or above. */
import { printable, type SessionName } from '../model/index.ts'
import { type CapabilityBook, type CapabilityTask, matchOf, type Skills } from './capabilities.ts'
import type { Refusal } from './verdict.ts'
import { MODEL_PREFIX } from './vocabulary.ts'

export interface CapabilityFacts {
  readonly session: SessionName
  readonly book: CapabilityBook
  readonly skills: Skills
}

/** Other work may come that the session can do, so it waits. */
export function capabilities({ session, book, skills }: CapabilityFacts, task: CapabilityTask): Refusal | undefined {
  if (task.capabilities.length === 0) return undefined
  const needs = book.needsOf(task)
  const threshold = book.thresholdOf(task)
  const match = matchOf(needs, skills.has)
  if (match >= threshold) return undefined
  const lacks = [...needs].filter((name) => !skills.has.has(name))
  const mismatch = { task, session, skills, match, threshold, needs, lacks }
  const told = { kind: 'refuse', rule: 'capabilities', reason: refusal(mismatch), hint: hintFor(mismatch) } as const
  return { ...told, leaves: 'wait' }
}

interface Mismatch extends Omit<CapabilityFacts, 'book'> {
  readonly task: CapabilityTask
  readonly match: number
  readonly threshold: number
  readonly needs: ReadonlySet<string>
  readonly lacks: readonly string[]
}

function refusal({ task, session, skills, match, threshold, needs, lacks }: Mismatch): string {
  const ungranted = lacks.filter((name) => skills.notGranted.includes(name))
  const what = `${printable(task.id, 60)} needs ${listed([...needs])}`
  if (ungranted.length > 0) return `${what}; no grant of ${session} says ${listed(ungranted)}`
  if (skills.has.size === 0) return `${what}, and nothing says what ${session} can do`
  const share = `${needs.size - lacks.length} of ${needs.size} (${percent(match)}, at least ${percent(threshold)})`
  return `${what}; ${session} has ${share} and lacks ${listed(lacks)}`
}

/** What is said again takes the place of what was said before, so the line names all of it. */
function hintFor({ session, skills, lacks }: Mismatch): string {
  if (lacks.some((name) => skills.notGranted.includes(name)))
    return `An operator grants it: if-board grant ${session} --can ${lacks.join(',')}`
  const known = [...skills.has].filter((name) => !name.startsWith(MODEL_PREFIX))
  return `If it can: if-board join ${session} --can ${[...known, ...lacks].join(',')}`
}

const NAMED = 5

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  const shown = names.slice(0, NAMED).map((name) => printable(name, 60))
  return `${shown.join(', ')}${more}`
}

/** Rounded so that what lies below a threshold never looks as if it reached it. */
function percent(part: number): string {
  return `${Math.floor(part * 100 + 1e-9)} %`
}
