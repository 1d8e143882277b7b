import {
  type BoardTask,
  type DependencyRef,
  type Diagnostic,
  type ExternalBlocker,
  type ParsedBoard,
  type Place,
  type Project,
  printable,
  splitTaskKey,
  type Task,
  type TaskId,
  type TaskKey,
  taskKey,
} from '../model/index.ts'

/**
 * All boards as one graph. A dependency means the task of that id on its own board, else the only
 * other board's; `board.md:ID` names a task of any board. A board alone cannot tell words from the ids that
 * another one makes from titles, so what it took for an external blocker, without quotes, may be one of these.
 *
 * - `remembered`: removed rows that are known as done. A dependency on one is satisfied and leaves
 *   no trace. A row of that id on another board does not take its place: after the row `1` of one
 *   board was cleared away, `1` there still means the cleared one.
 * - What does not resolve (unknown, ambiguous, the task itself) becomes an external blocker with a
 *   diagnostic, so that a typing error holds a task back instead of releasing it early.
 * - Of two tasks with one key, the first stays.
 *
 * Diagnostics: the boards' own first, then `board/duplicate-id`, `board/unknown-dependency`,
 * `board/ambiguous-dependency`, `board/self-dependency` in board order. O(tasks + dependencies).
 */
export function linkBoards(boards: readonly ParsedBoard[], remembered: ReadonlySet<TaskKey> = new Set()): Project {
  const diagnostics: Diagnostic[] = []
  for (const parsed of boards) for (const diagnostic of parsed.diagnostics) diagnostics.push(diagnostic)
  const names = collect(boards, diagnostics)
  const scope: Scope = { ...names, remembered, rememberedIds: new Set([...remembered].map(idOf)) }
  const byKey = new Map<TaskKey, Task>()
  const named = new Set<string>()
  for (const task of names.rows.values()) byKey.set(task.key, linkTask(task, scope, { diagnostics, named }))
  return {
    boards: boards.map((parsed) => parsed.board),
    tasks: [...byKey.values()],
    byKey,
    diagnostics: named.size === 0 ? diagnostics : diagnostics.filter((one) => !isAboutOneOf(named, one)),
  }
}

interface Names {
  readonly rows: ReadonlyMap<TaskKey, BoardTask>
  readonly keysById: ReadonlyMap<TaskId, readonly TaskKey[]>
}

interface Scope extends Names {
  readonly remembered: ReadonlySet<TaskKey>
  readonly rememberedIds: ReadonlySet<TaskId>
}

function collect(boards: readonly ParsedBoard[], diagnostics: Diagnostic[]): Names {
  const reported = new Set(diagnostics.filter(({ code }) => code === 'board/duplicate-id').map(lineOf))
  const rows = new Map<TaskKey, BoardTask>()
  const keysById = new Map<TaskId, TaskKey[]>()
  for (const task of boards.flatMap(({ board }) => board.tasks)) {
    const first = rows.get(task.key)
    if (first === undefined) {
      rows.set(task.key, task)
      const keys = keysById.get(task.id)
      if (keys === undefined) keysById.set(task.id, [task.key])
      else keys.push(task.key)
    } else if (!reported.has(lineOf(task.place))) {
      diagnostics.push(duplicate(task, first))
    }
  }
  return { rows, keysById }
}

interface Findings {
  readonly diagnostics: Diagnostic[]
  /** Places of external blockers that are tasks after all. */
  readonly named: Set<string>
}

function isAboutOneOf(named: ReadonlySet<string>, { code: kind, ...place }: Diagnostic): boolean {
  return kind === 'board/external-blocker' && named.has(placeOf(place))
}

function linkTask(task: BoardTask, scope: Scope, { diagnostics, named }: Findings): Task {
  const dependencies = new Set<TaskKey>()
  const blockers = new Map<string, ExternalBlocker>()
  for (const ref of task.dependencies) {
    const meaning = resolve(task, ref.id, scope)
    if (meaning.kind === 'task') dependencies.add(meaning.key)
    else if (meaning.kind !== 'remembered' && !blockers.has(ref.id)) {
      blockers.set(ref.id, { text: ref.id, place: ref.place })
      diagnostics.push(unresolved(task, ref, meaning))
    }
  }
  const words = task.externalBlockers.filter((blocker) => {
    const meaning = blocker.quoted === true ? undefined : resolve(task, blocker.text as TaskId, scope)
    if (meaning?.kind !== 'task' && meaning?.kind !== 'remembered') return true
    named.add(placeOf(blocker.place))
    if (meaning.kind === 'task') dependencies.add(meaning.key)
    return false
  })
  return { ...task, dependencies: [...dependencies], externalBlockers: [...words, ...blockers.values()] }
}

type Unresolved =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'self' }
  | { readonly kind: 'ambiguous'; readonly keys: readonly TaskKey[] }
type Meaning = { readonly kind: 'task'; readonly key: TaskKey } | { readonly kind: 'remembered' } | Unresolved

function resolve(task: BoardTask, id: TaskId, scope: Scope): Meaning {
  const own = taskKey(task.board, id)
  const exact = byExactKey(task, own, scope)
  if (exact !== undefined) return exact
  const elsewhere = scope.keysById.get(id) ?? []
  if (elsewhere.length > 1) return { kind: 'ambiguous', keys: elsewhere }
  const [only] = elsewhere
  if (only !== undefined) return { kind: 'task', key: only }
  const qualified = byExactKey(task, id as string as TaskKey, scope)
  if (qualified !== undefined) return qualified
  return scope.rememberedIds.has(id) ? { kind: 'remembered' } : { kind: 'unknown' }
}

function byExactKey(task: BoardTask, key: TaskKey, scope: Scope): Meaning | undefined {
  if (key === task.key) return { kind: 'self' }
  if (scope.rows.has(key)) return { kind: 'task', key }
  return scope.remembered.has(key) ? { kind: 'remembered' } : undefined
}

function unresolved(task: BoardTask, ref: DependencyRef, meaning: Unresolved): Diagnostic {
  const who = code(task.id)
  const what = code(ref.id)
  if (meaning.kind === 'self')
    return {
      ...ref.place,
      code: 'board/self-dependency',
      severity: 'error',
      message: `${who} depends on itself`,
      hint: `Correct the dependencies of ${who}`,
    }
  if (meaning.kind === 'unknown')
    return {
      ...ref.place,
      code: 'board/unknown-dependency',
      severity: 'error',
      message: `${who} depends on ${what}, which no task has`,
      hint: `Correct the id, or add a task ${what}`,
    }
  const homes = meaning.keys.slice(0, 3).map(code).join(', ')
  return {
    ...ref.place,
    code: 'board/ambiguous-dependency',
    severity: 'error',
    message: `${who} depends on ${what}, which ${meaning.keys.length} boards have: ${homes}`,
    hint: `Give each of these tasks an id of its own, and name the one that is meant`,
  }
}

function duplicate(task: BoardTask, first: BoardTask): Diagnostic {
  return {
    ...task.place,
    code: 'board/duplicate-id',
    severity: 'error',
    message: `${code(task.id)} is already a task on line ${first.place.line}; this one is left out`,
    hint: 'Give this task an id of its own',
  }
}

function idOf(key: TaskKey): TaskId {
  return splitTaskKey(key).id
}

function placeOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

function lineOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`
}

function code(name: string): string {
  return `\`${printable(name, 80)}\``
}
