/**
 * What a board says, before refs are asked.
 *
 * `Board` and `BoardTask` are what `board/` reads from one file; `Task` and `Project` are what
 * `graph/` makes of all boards together, with every dependency resolved to a key.
 */
import type { Place } from './errors.ts'
import type { BoardName, TaskId, TaskKey, Usd } from './ids.ts'

/**
 * Meaning of a status word.
 *
 * `available` also stands for "no status at all". `blocked` is what a person wrote (a task whose
 * dependencies are open is not `blocked` for that: readiness is computed). `unknown` is a status
 * text that was not understood: never offered, never done.
 */
export type StatusWord = 'available' | 'claimed' | 'review' | 'done' | 'blocked' | 'paused' | 'cancelled' | 'unknown'

export type Priority = 'high' | 'medium' | 'low'

export type Severity = 'error' | 'warning' | 'info'

/** A finding about a text, as data. `code` is stable, `<room>/<what>`, such as `board/unknown-dependency`. */
export interface Diagnostic extends Place {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint?: string
}

export interface AcceptanceItem {
  readonly text: string
  readonly done: boolean
}

/** An id that a dependency cell names, expanded from ranges and `All above`, with the place of its text. */
export interface DependencyRef {
  readonly id: TaskId
  readonly place: Place
}

/** Dependency text that names no task id at all: it blocks until a person lifts it. */
export interface ExternalBlocker {
  readonly text: string
  /** Written between quotes: word for word, whatever tasks are called. */
  readonly quoted?: true
  readonly place: Place
}

/** One task as one board tells it; merged from row, detail section, list item and key list. */
export interface BoardTask {
  readonly key: TaskKey
  readonly id: TaskId
  readonly board: BoardName
  readonly title: string
  /** Longer text: a description column or the paragraph behind `**Description:**`. */
  readonly description: string | undefined
  readonly status: StatusWord
  /** The status cell as it stands (trimmed), `''` where the task has none. */
  readonly statusText: string
  /** Text behind the status word, such as `see #12`. */
  readonly statusNote: string | undefined
  /** Owner cell as it stands, without `-` and other empty marks; whom a person assigned. */
  readonly owner: string | undefined
  /** Session words of the section, such as `Session 4 (SIP)`: the task is meant for that session. */
  readonly assigned: string | undefined
  readonly dependencies: readonly DependencyRef[]
  readonly externalBlockers: readonly ExternalBlocker[]
  readonly deliverable: string | undefined
  readonly estimateMinutes: number | undefined
  readonly model: string | undefined
  readonly priority: Priority | undefined
  readonly capabilities: readonly string[]
  readonly budgetUsd: Usd | undefined
  readonly check: string | undefined
  readonly run: string | undefined
  readonly acceptance: readonly AcceptanceItem[]
  /** Heading path of the nearest section, such as `IF.coordinator Tasks (Bug #1 - CRITICAL)`. */
  readonly section: string | undefined
  /** Offered only when nothing else is ready for a session. */
  readonly filler: boolean
  /** An empty `statusText` says that the task is open, and a claim can be written in its place: a list item. */
  readonly showsClaims?: true
  /** Where the task's row, item or heading begins; lines and columns from 1. */
  readonly place: Place
}

/** What is understood of one board file. */
export interface Board {
  readonly name: BoardName
  readonly title: string | undefined
  readonly tasks: readonly BoardTask[]
  /** Reason behind `**Paused:** …` at the head of the board; `undefined` = not paused. */
  readonly paused: string | undefined
}

export interface ParsedBoard {
  readonly board: Board
  readonly diagnostics: readonly Diagnostic[]
}

/** A board task with its dependencies resolved over all boards. */
export interface Task extends Omit<BoardTask, 'dependencies'> {
  /** Tasks that must be done first, in the order they are named, each once. */
  readonly dependencies: readonly TaskKey[]
}

/** All configured boards as one dependency graph, in board order. */
export interface Project {
  readonly boards: readonly Board[]
  readonly tasks: readonly Task[]
  readonly byKey: ReadonlyMap<TaskKey, Task>
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * What a task is right now, computed from boards, state and refs. `ready` is open with all
 * dependencies done; `paused` is set aside by a person; `review` is completed but not merged.
 */
export type TaskStatus = 'done' | 'review' | 'claimed' | 'ready' | 'blocked' | 'paused' | 'unknown' | 'cancelled'
