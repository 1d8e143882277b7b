/**
 * What changed between two versions of a board, task by task and field by field. Pure.
 *
 * It compares what was understood, never bytes: another padding, another word for the same status and
 * another spelling of the same dependency are no change. Tasks are the same by board and id; a row that
 * went and one that came are one task where nothing else can be meant: the same id on another board
 * (moved), or the same title in the same section (renamed).
 */
import {
  type AcceptanceItem,
  type Board,
  type BoardName,
  type BoardTask,
  printable,
  type TaskKey,
} from '../model/index.ts'

/** The fields that are compared, in the order in which their changes are told. */
const FIELDS = {
  title: ({ title }) => title,
  status: ({ status }) => status,
  statusNote: ({ statusNote }) => statusNote ?? null,
  dependencies: ({ dependencies }) => dependencies.map(({ id }) => id),
  externalBlockers: ({ externalBlockers }) => externalBlockers.map(({ text }) => text),
  priority: ({ priority }) => priority ?? null,
  owner: ({ owner }) => owner ?? null,
  assigned: ({ assigned }) => assigned ?? null,
  estimateMinutes: ({ estimateMinutes }) => estimateMinutes ?? null,
  description: ({ description }) => description ?? null,
  acceptance: ({ acceptance }) => acceptance,
  deliverable: ({ deliverable }) => deliverable ?? null,
  capabilities: ({ capabilities }) => capabilities,
  model: ({ model }) => model ?? null,
  budgetUsd: ({ budgetUsd }) => budgetUsd ?? null,
  check: ({ check }) => check ?? null,
  run: ({ run }) => run ?? null,
  filler: ({ filler }) => filler,
} as const satisfies Readonly<Record<string, (task: BoardTask) => FieldValue>>

export type TaskField = keyof typeof FIELDS
/** `null` = the board says nothing. */
export type FieldValue = string | number | boolean | null | readonly string[] | readonly AcceptanceItem[]

export interface FieldDifference {
  readonly field: TaskField
  readonly before: FieldValue
  readonly after: FieldValue
}

/** Where a task stands: `behind` is the task before it on its board, `undefined` for the first one. */
export interface Position {
  readonly board: BoardName
  readonly section: string | undefined
  readonly behind: TaskKey | undefined
}

/** `key` is the task's key afterwards; for `removed` the one that it had. */
export type TaskChange =
  | { readonly kind: 'added'; readonly key: TaskKey; readonly task: BoardTask; readonly to: Position }
  | { readonly kind: 'removed'; readonly key: TaskKey; readonly task: BoardTask }
  | { readonly kind: 'renamed'; readonly key: TaskKey; readonly from: TaskKey }
  | { readonly kind: 'moved'; readonly key: TaskKey; readonly from: Position; readonly to: Position }
  | ({ readonly kind: 'changed'; readonly key: TaskKey } & FieldDifference)

/** What differs between two versions of one task, in the order of `FIELDS`. */
export function diffTasks(before: BoardTask, after: BoardTask): FieldDifference[] {
  return (Object.keys(FIELDS) as TaskField[]).flatMap((field) => {
    const [old, now] = [FIELDS[field](before), FIELDS[field](after)]
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ field, before: old, after: now }]
  })
}

/** Two versions of one board; its name may have changed. */
export function diffBoards(before: Board, after: Board): TaskChange[] {
  return diffProjects([before], [after])
}

/**
 * Two versions of all boards. In the order of the tasks afterwards (for each: renamed, moved, then its
 * fields), then what was removed in the order before. O(tasks × log tasks + size of the texts).
 */
export function diffProjects(before: readonly Board[], after: readonly Board[]): TaskChange[] {
  const old = standings(before)
  const now = standings(after)
  const origins = originsOf(old, now)
  const moved = outOfOrder(old, now, origins)
  const kept = new Set(origins.values())
  return [
    ...[...now].flatMap(([key, standing]) => {
      const from = origins.get(key)
      const was = from === undefined ? undefined : old.get(from)
      return changesOf(key, was, standing, moved)
    }),
    ...[...old].flatMap(([key, { task }]): TaskChange[] => (kept.has(key) ? [] : [{ kind: 'removed', key, task }])),
  ]
}

function changesOf(
  key: TaskKey,
  was: Standing | undefined,
  { task, position }: Standing,
  moved: ReadonlySet<TaskKey>,
): TaskChange[] {
  if (was === undefined) return [{ kind: 'added', key, task, to: position }]
  const stays = was.position.board === position.board && was.position.section === position.section && !moved.has(key)
  return [
    ...(was.task.id === task.id ? [] : [{ kind: 'renamed' as const, key, from: was.task.key }]),
    ...(stays ? [] : [{ kind: 'moved' as const, key, from: was.position, to: position }]),
    ...diffTasks(was.task, task).map((difference) => ({ kind: 'changed' as const, key, ...difference })),
  ]
}

interface Standing {
  readonly task: BoardTask
  readonly position: Position
}

type Standings = ReadonlyMap<TaskKey, Standing>

function standings(boards: readonly Board[]): Standings {
  const found = new Map<TaskKey, Standing>()
  for (const { name, tasks } of boards) {
    let behind: TaskKey | undefined
    for (const task of tasks) {
      found.set(task.key, { task, position: { board: name, section: task.section, behind } })
      behind = task.key
    }
  }
  return found
}

/** For each task afterwards the key that it had before; new tasks have none. */
function originsOf(old: Standings, now: Standings): Map<TaskKey, TaskKey> {
  const origins = new Map<TaskKey, TaskKey>()
  for (const key of now.keys()) if (old.has(key)) origins.set(key, key)
  pair(old, now, origins, ({ task }) => task.id)
  pair(old, now, origins, ({ task: { title, section, board } }) =>
    title === '' ? undefined : JSON.stringify([board, section ?? null, title]),
  )
  return origins
}

/** Pair what went with what came where exactly one on either side is called so. */
function pair(
  old: Standings,
  now: Standings,
  origins: Map<TaskKey, TaskKey>,
  nameOf: (standing: Standing) => string | undefined,
): void {
  const kept = new Set(origins.values())
  const went = onlyOnes(
    [...old].filter(([key]) => !kept.has(key)),
    nameOf,
  )
  const came = onlyOnes(
    [...now].filter(([key]) => !origins.has(key)),
    nameOf,
  )
  for (const [name, key] of came) {
    const from = went.get(name)
    if (key !== undefined && from !== undefined) origins.set(key, from)
  }
}

/** Key of the only task of a name; `undefined` where several have it. */
function onlyOnes(
  tasks: readonly (readonly [TaskKey, Standing])[],
  nameOf: (standing: Standing) => string | undefined,
): Map<string, TaskKey | undefined> {
  const named = new Map<string, TaskKey | undefined>()
  for (const [key, standing] of tasks) {
    const name = nameOf(standing)
    if (name !== undefined) named.set(name, named.has(name) ? undefined : key)
  }
  return named
}

/**
 * Tasks that changed their order on a board: the fewest that must be taken out so that all others stand
 * as they stood (the longest increasing subsequence of their old places stays; of two, the later found).
 */
function outOfOrder(old: Standings, now: Standings, origins: ReadonlyMap<TaskKey, TaskKey>): Set<TaskKey> {
  const places = new Map([...old.keys()].map((key, place) => [key, place]))
  const byBoard = new Map<BoardName, { key: TaskKey; place: number }[]>()
  for (const [key, { position }] of now) {
    const from = origins.get(key)
    const was = from === undefined ? undefined : old.get(from)?.position
    // Who went to another section has moved already, and puts nobody else out of order.
    if (from === undefined || was?.board !== position.board || was.section !== position.section) continue
    const row = byBoard.get(position.board) ?? []
    row.push({ key, place: places.get(from) ?? 0 })
    byBoard.set(position.board, row)
  }
  const moved = new Set<TaskKey>()
  for (const row of byBoard.values()) {
    const stays = longestIncreasing(row.map(({ place }) => place))
    row.forEach(({ key }, index) => {
      if (!stays.has(index)) moved.add(key)
    })
  }
  return moved
}

/** Indices of a longest increasing subsequence of different numbers, by patience sorting: O(n log n). */
function longestIncreasing(numbers: readonly number[]): Set<number> {
  const ends: number[] = []
  const before: (number | undefined)[] = []
  numbers.forEach((number, index) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((numbers[ends[middle] as number] as number) < number) low = middle + 1
      else high = middle
    }
    before.push(ends[low - 1])
    ends[low] = index
  })
  const found = new Set<number>()
  for (let at = ends.at(-1); at !== undefined; at = before[at]) found.add(at)
  return found
}

/** One line for people, with the task's id in front; printable. */
export function changeSentence(change: TaskChange): string {
  const id = printable(idOf(change.key), 80)
  return change.kind === 'changed' ? `${id}, ${differenceWords(change)}` : `${id} ${sentence(change)}`
}

function sentence(change: Exclude<TaskChange, { kind: 'changed' }>): string {
  switch (change.kind) {
    case 'added':
      return `is new: ${shown(change.task.title)}`
    case 'removed':
      return `is gone: ${shown(change.task.title)}`
    case 'renamed':
      return `was ${printable(idOf(change.from), 80)} before`
    case 'moved':
      return moveWords(change.from, change.to)
  }
}

function moveWords(from: Position, to: Position): string {
  if (from.board !== to.board) return `went from ${shown(from.board)} to ${shown(to.board)}`
  if (from.section !== to.section) return `went from ${sectionWords(from)} to ${sectionWords(to)}`
  return to.behind === undefined ? 'stands first now' : `stands behind ${printable(idOf(to.behind), 80)} now`
}

function sectionWords({ section }: Position): string {
  return section === undefined ? 'no section' : `“${shown(section)}”`
}

const NAMES: Readonly<Record<TaskField, string>> = {
  title: 'title',
  status: 'status',
  statusNote: 'note behind the status',
  dependencies: 'dependencies',
  externalBlockers: 'outside blockers',
  priority: 'priority',
  owner: 'owner',
  assigned: 'assigned session',
  estimateMinutes: 'estimate',
  description: 'description',
  acceptance: 'acceptance',
  deliverable: 'deliverable',
  capabilities: 'capabilities',
  model: 'model',
  budgetUsd: 'budget',
  check: 'check',
  run: 'run',
  filler: 'filler',
}

/** `priority: low → high`; lists say what came and went. One line, printable. */
export function differenceWords({ field, before, after }: FieldDifference): string {
  if (field === 'acceptance') {
    const items = acceptanceWords(before as readonly AcceptanceItem[], after as readonly AcceptanceItem[])
    return `${NAMES[field]}: ${items}`
  }
  if (Array.isArray(before) && Array.isArray(after)) return `${NAMES[field]}: ${listWords(before, after)}`
  const unit = field === 'estimateMinutes' ? ' min' : field === 'budgetUsd' ? ' USD' : ''
  const words = (value: FieldValue) => (value === null ? 'none' : `${shown(String(value))}${unit}`)
  return `${NAMES[field]}: ${words(before)} → ${words(after)}`
}

function listWords(before: readonly string[], after: readonly string[]): string {
  const [old, now] = [new Set(before), new Set(after)]
  const came = after.filter((word) => !old.has(word)).map((word) => `+ ${shown(word)}`)
  const went = before.filter((word) => !now.has(word)).map((word) => `− ${shown(word)}`)
  return few([...came, ...went]) || 'in another order'
}

function acceptanceWords(before: readonly AcceptanceItem[], after: readonly AcceptanceItem[]): string {
  const old = new Map(before.map(({ text, done }) => [text, done]))
  const now = new Map(after.map(({ text, done }) => [text, done]))
  const came = [...now].flatMap(([text, done]) => {
    if (!old.has(text)) return [`+ ${shown(text)}`]
    if (old.get(text) === done) return []
    return [`${done ? 'ticked' : 'unticked'} ${shown(text)}`]
  })
  const went = [...old.keys()].filter((text) => !now.has(text)).map((text) => `− ${shown(text)}`)
  return few([...came, ...went]) || 'in another order'
}

const LISTED = 6

function few(words: readonly string[]): string {
  const more = words.length > LISTED ? [`and ${words.length - LISTED} more`] : []
  return [...words.slice(0, LISTED), ...more].join(', ')
}

function shown(text: string): string {
  return text === '' ? 'nothing' : printable(text, 120)
}

/** A board's name has no colon, so the first one ends it. */
function idOf(key: TaskKey): string {
  return key.slice(key.indexOf(':') + 1)
}
