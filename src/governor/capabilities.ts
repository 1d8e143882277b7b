/**
 * Can this session do this task? match = |has ∩ needs| / |needs|, 1 where a task needs nothing; it may do what it
 * matches at the threshold or above.
 *
 * A task needs what its capabilities cell says. Its model cell is advice, as on the boards that have one: it narrows
 * nothing unless the cell of capabilities says `model:haiku` too. A session that nobody described has nothing, so it
 * may do only what needs nothing; on a board without needs that is everything.
 */
import type { CapabilityRules, Task } from '../model/index.ts'
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

const books = new WeakMap<CapabilityRules, CapabilityBook>()

/** One for each configuration that is in use: what words mean is found out once. */
export function capabilityBook(rules: CapabilityRules): CapabilityBook {
  const book = books.get(rules) ?? openBook(rules)
  books.set(rules, book)
  return book
}

function openBook(rules: CapabilityRules): CapabilityBook {
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
