/**
 * Can this session do this task? match = |has ∩ needs| / |needs|, 1 where a task needs nothing; it may do what it
 * matches at the threshold or above.
 *
 * A task needs what its capabilities cell says. Its model cell is advice, as on the boards that have one: it narrows
 * nothing unless the cell of capabilities says `model:haiku` too. A session that nobody described has nothing, so it
 * may do only what needs nothing; on a board without needs that is everything.
 */
import { type CapabilityRules, printable, type SessionName, type Task } from '../model/index.ts'
import type { Refusal } from './verdict.ts'
import { MODEL_PREFIX, normalCapability, type Vocabulary, vocabularyOf } from './vocabulary.ts'

/** Capabilities of one session, or of one row, that are looked at; more are left out. */
export const MAX_CAPABILITIES = 200

/** What is said of a session in one place. */
export interface SaidOfSession {
  readonly capabilities: readonly string[]
  readonly model?: string | undefined
}

export interface SkillSources {
  /** Said by itself when it joined last, and by its row of the roster; both count. */
  readonly said: readonly SaidOfSession[]
  /** What an operator granted its key, where operators are pinned: it has no more than that; `undefined` = no limit. */
  readonly granted?: readonly string[] | undefined
}

/** What one session can do. */
export interface Skills {
  /** By the names of the vocabulary. */
  readonly has: ReadonlySet<string>
  /** Said of it and not granted, so it counts for nothing. */
  readonly notGranted: readonly string[]
}

export const NO_SKILLS: Skills = { has: new Set(), notGranted: [] }

/** How the rules of one configuration read needs and skills. */
export interface CapabilityBook extends Vocabulary {
  readonly thresholdOf: (task: CapabilityTask) => number
  /** By the names of the vocabulary, each once. */
  readonly needsOf: (task: Pick<CapabilityTask, 'capabilities'>) => ReadonlySet<string>
}

export type CapabilityTask = Pick<Task, 'key' | 'id' | 'board' | 'capabilities'>

export function capabilityBook(rules: CapabilityRules): CapabilityBook {
  const vocabulary = vocabularyOf(rules)
  const tasks = new Map(rules.tasks)
  const boards = new Map(rules.boards)
  return {
    ...vocabulary,
    thresholdOf: ({ key, id, board }) => tasks.get(key) ?? tasks.get(id) ?? boards.get(board) ?? rules.match,
    needsOf: ({ capabilities }) => namesOf(vocabulary, capabilities),
  }
}

function namesOf(vocabulary: Vocabulary, words: readonly string[]): ReadonlySet<string> {
  const names = words.slice(0, MAX_CAPABILITIES).map(vocabulary.nameOf)
  return new Set(names.filter((name) => name !== ''))
}

export function skillsOf(book: Vocabulary, { said, granted }: SkillSources): Skills {
  const all = new Set(
    said.flatMap(({ capabilities, model }) => [...namesOf(book, capabilities), ...modelNames(book, model)]),
  )
  if (granted === undefined) return { has: all, notGranted: [] }
  const allowed = namesOf(book, granted)
  const names = [...all]
  return {
    has: new Set(names.filter((name) => allowed.has(name))),
    notGranted: names.filter((name) => !allowed.has(name)),
  }
}

/** `claude-haiku-4-5` is `model:claude-haiku-4-5`, and `model:haiku` and `model:claude` by its words. */
function modelNames({ nameOf }: Vocabulary, model: string | undefined): string[] {
  const whole = normalCapability(model ?? '')
  if (whole === '') return []
  return [...new Set([whole, ...whole.split(/[^\p{L}]+/u)])].flatMap((name) =>
    name === '' ? [] : [nameOf(`${MODEL_PREFIX}${name}`)],
  )
}

/** |has ∩ needs| / |needs|, from 0 to 1. */
export function matchOf(needs: ReadonlySet<string>, has: ReadonlySet<string>): number {
  if (needs.size === 0) return 1
  let shared = 0
  for (const name of needs) if (has.has(name)) shared += 1
  return shared / needs.size
}

export interface CapabilityFacts {
  readonly session: SessionName
  readonly book: CapabilityBook
  readonly skills: Skills
}

/** The rule `capabilities`. Other work may come that the session can do, so it waits. */
export function capabilities({ session, book, skills }: CapabilityFacts, task: CapabilityTask): Refusal | undefined {
  if (task.capabilities.length === 0) return undefined
  const needs = book.needsOf(task)
  const threshold = book.thresholdOf(task)
  const match = matchOf(needs, skills.has)
  if (match >= threshold) return undefined
  const lacks = [...needs].filter((name) => !skills.has.has(name))
  const mismatch = { task, session, skills, match, threshold, needs, lacks }
  const told = { kind: 'refuse', rule: 'capabilities', reason: refusal(mismatch), hint: hintFor(mismatch) } as const
  // biome-ignore lint/suspicious/noThenProperty: a word of `Refusal`, which nobody awaits
  return { ...told, then: 'wait' }
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
