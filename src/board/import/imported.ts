/**
 * What the readers of other tools' files have in common.
 *
 * A reader is pure, `(text, file) → tasks and diagnostics`, and never throws: one entry that is not
 * understood hides no other. What a board has no place for is a finding, so that nothing goes silently.
 */
import { clip, type Diagnostic, isTaskId, printable } from '../../model/index.ts'
import { oneLine } from '../inline.ts'

export interface ImportedTask {
  /** `undefined` where the file has none: the board gives one. */
  readonly id: string | undefined
  /** One line. */
  readonly title: string
  /** What goes into the status cell. */
  readonly status: string
  /** Ids of the same file. */
  readonly dependencies: readonly string[]
  readonly owner?: string | undefined
  readonly priority?: string | undefined
  readonly estimate?: string | undefined
  /** Several lines allowed. */
  readonly description?: string | undefined
  /** Heading that it stands under. */
  readonly section?: string | undefined
  /** Where the file says it; 1 where that is not known. */
  readonly line: number
}

export interface ImportReading {
  readonly tasks: readonly ImportedTask[]
  readonly diagnostics: readonly Diagnostic[]
}

/** More than these are not read from one file: a board of that size is a board that nobody reads. */
const MAX_TASKS = 20_000
/** What a board reads of a title, in UTF-16 code units. */
const MAX_TITLE = 500
/** Findings of one kind that are listed before they are only counted. */
const MAX_LISTED = 20

/** Words that every board understands. */
export const WORDS = {
  open: 'AVAILABLE',
  claimed: 'CLAIMED',
  review: 'REVIEW',
  done: 'COMPLETED',
  paused: 'PAUSED',
  cancelled: 'CANCELLED',
} as const

/** Collects tasks under ids that are new, and findings that repeat as one. */
export class Collector {
  readonly #file: string
  readonly #tasks: ImportedTask[] = []
  readonly #ids = new Set<string>()
  readonly #diagnostics: Diagnostic[] = []
  readonly #homeless = new Map<string, number>()
  readonly #listed = new Map<string, number>()

  constructor(file: string) {
    this.#file = file
  }

  get isFull(): boolean {
    return this.#tasks.length >= MAX_TASKS
  }

  add(task: ImportedTask): void {
    if (this.isFull) return
    const title = oneLine(task.title)
    const id = task.id === undefined ? undefined : this.#checked(task.id, task.line)
    const key = id?.toLowerCase()
    if (key !== undefined && this.#ids.has(key)) {
      this.find(
        'error',
        'import/duplicate-id',
        task.line,
        `\`${printable(id ?? '', 60)}\` stands there twice; the second is left out`,
      )
      return
    }
    if (key !== undefined) this.#ids.add(key)
    if (title === '') this.find('warning', 'import/no-title', task.line, `${id ?? 'a task'} has no title`)
    if (title.length > MAX_TITLE)
      this.find('warning', 'import/cut', task.line, `a title is cut after ${MAX_TITLE} characters`)
    this.#tasks.push({ ...task, id, title: title === '' ? (id ?? 'untitled') : clip(title, MAX_TITLE) })
  }

  /** An id that a cell cannot hold is left to the board. */
  #checked(id: string, line: number): string | undefined {
    if (isTaskId(id) && /^[^\s|\\`*<>,;+&"()]{1,64}$/.test(id)) return id
    this.find(
      'warning',
      'import/invalid-id',
      line,
      `\`${printable(id, 60)}\` cannot be an id on a board; it gets another`,
    )
    return undefined
  }

  /** A value that boards have no place for; reported once per name, with its number. */
  leave(what: string): void {
    const name = printable(what, 60)
    if (this.#homeless.size < 200 || this.#homeless.has(name))
      this.#homeless.set(name, (this.#homeless.get(name) ?? 0) + 1)
  }

  find(severity: Diagnostic['severity'], code: string, line: number, message: string): void {
    const count = (this.#listed.get(code) ?? 0) + 1
    this.#listed.set(code, count)
    if (count <= MAX_LISTED) this.#diagnostics.push({ code, severity, message, file: this.#file, line, column: 1 })
  }

  reading(): ImportReading {
    if (this.isFull) this.#add('error', 'import/too-many', `only the first ${MAX_TASKS} tasks are read`)
    for (const [code, count] of this.#listed)
      if (count > MAX_LISTED) this.#add('info', code, `and ${count - MAX_LISTED} more of these`)
    for (const [name, count] of this.#homeless)
      this.#add(
        'info',
        'import/no-place',
        `${name}, ${count === 1 ? 'once' : `${count} times`}: a board has no place for it`,
      )
    return { tasks: this.#tasks, diagnostics: this.#diagnostics }
  }

  #add(severity: Diagnostic['severity'], code: string, message: string): void {
    this.#diagnostics.push({ code, severity, message, file: this.#file, line: 1, column: 1 })
  }
}

export function nothingRead(file: string, line: number, message: string, hint: string): ImportReading {
  return {
    tasks: [],
    diagnostics: [{ code: 'import/not-understood', severity: 'error', message, hint, file, line, column: 1 }],
  }
}

/** Paragraphs with a name before each, without the empty ones. */
export function paragraphs(parts: readonly (readonly [name: string, text: string | undefined])[]): string | undefined {
  const kept = parts.flatMap(([name, text]) =>
    text?.trim() ? [name === '' ? text.trim() : `${name}: ${text.trim()}`] : [],
  )
  return kept.length === 0 ? undefined : kept.join('\n')
}
