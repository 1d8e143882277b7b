/** What people do to a board, as data: applied to any dialect's text, in its own form. */
import fc from 'fast-check'
import { addTasks, parseBoard, setFields, setStatuses } from '../../src/board/index.ts'
import type { EditableField } from '../../src/board/set.ts'
import { type BoardTask, IfBoardError, toBoardName } from '../../src/model/index.ts'
import { BOARD } from './fleet.ts'

const name = toBoardName(BOARD)
export const WORDS = ['available', 'claimed', 'done', 'paused', 'blocked', 'cancelled', 'review'] as const

export type PersonAct =
  | { readonly kind: 'status'; readonly task: number; readonly word: (typeof WORDS)[number] }
  | { readonly kind: 'field'; readonly task: number; readonly field: EditableField; readonly value: string }
  | { readonly kind: 'depend' | 'move'; readonly task: number; readonly other: number }
  | { readonly kind: 'remove' | 'retitle' | 'criterion' | 'garble'; readonly task: number }
  | { readonly kind: 'add'; readonly title: string }

const task = fc.nat({ max: 7 })
const fields: fc.Arbitrary<readonly [EditableField, string]> = fc.constantFrom(
  ['priority', 'high'],
  ['priority', 'low'],
  ['owner', 'Session 2'],
  ['owner', ''],
  ['estimate', '2h'],
)

export const personActs: fc.Arbitrary<PersonAct> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('status' as const), task, word: fc.constantFrom(...WORDS) }) },
  {
    weight: 3,
    arbitrary: fc.record({ task, field: fields }).map((one): PersonAct => {
      const [field, value] = one.field
      return { kind: 'field', task: one.task, field, value }
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('depend' as const, 'move' as const), task, other: task }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('remove', 'retitle', 'criterion', 'garble'), task }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), title: fc.constantFrom('Sweep', 'Paint') }) },
) as fc.Arbitrary<PersonAct>

export function tasksOf(text: string): readonly BoardTask[] {
  return parseBoard(text, name).board.tasks
}

/** The text afterwards; the same where the board has no place for it. */
export function applyAct(text: string, act: PersonAct): string {
  const tasks = tasksOf(text)
  if (act.kind === 'add') return attempt(text, () => added(text, act.title))
  const target = tasks[act.task % Math.max(1, tasks.length)]
  if (target === undefined) return text
  return attempt(text, () => changed(text, act, target, tasks))
}

function changed(
  text: string,
  act: Exclude<PersonAct, { kind: 'add' }>,
  target: BoardTask,
  tasks: readonly BoardTask[],
): string {
  switch (act.kind) {
    case 'status':
      return setStatuses(text, name, [{ id: target.id, status: act.word }]).text
    case 'field':
      return setFields(text, name, [{ id: target.id, values: new Map([[act.field, act.value]]) }])
    case 'depend': {
      const other = tasks[act.other % tasks.length] as BoardTask
      // Only on what stands above: a cycle would hold the walk up.
      const value = other.place.line < target.place.line ? other.id : 'none'
      return setFields(text, name, [{ id: target.id, values: new Map([['dependencies', value]]) }])
    }
    case 'retitle':
      return setFields(text, name, [
        { id: target.id, values: new Map([['title', `${target.title} again`.slice(0, 60)]]) },
      ])
    case 'garble':
      return garbled(text, target)
    case 'criterion':
      return withCriterion(text, target)
    case 'remove':
      return tasks.length <= 3 ? text : cut(text, target).rest
    case 'move': {
      const { rest, block } = cut(text, target)
      const other = tasksOf(rest)[act.other % Math.max(1, tasks.length - 1)]
      return other === undefined ? text : putBefore(rest, block, other)
    }
  }
}

function attempt(text: string, edit: () => string): string {
  try {
    return edit()
  } catch (error) {
    if (error instanceof IfBoardError) return text
    throw error
  }
}

function added(text: string, title: string): string {
  const request = { id: undefined, title, values: new Map() }
  const ids = new Set<string>(tasksOf(text).map(({ id }) => id))
  // Never an id that was used: a person who numbers on does not reuse one either.
  for (let at = 0; at < 60; at += 1) ids.add(`T${at}`)
  return addTasks(text, name, { tasks: [request], place: { kind: 'end' }, taken: ids, mentioned: new Set() }).text
}

/** A status that nobody understands, where the board has a cell for it. */
function garbled(text: string, { place, statusText }: BoardTask): string {
  if (statusText === '' || !lineAt(text, place.line).startsWith('|')) return text
  return replaceLine(text, place.line, (line) => line.replace(statusText, 'PERHAPS'))
}

/** Acceptance where a dialect has room for it: below a heading's keys, or nested in an item of a column. */
function withCriterion(text: string, { id, place }: BoardTask): string {
  const line = lineAt(text, place.line)
  const box = line.startsWith('#')
    ? '\n\n- [ ] tried'
    : line.startsWith('- ') && !line.startsWith('- [')
      ? '\n  - [ ] tried'
      : ''
  const edited = replaceLine(text, place.line, (head) => `${head}${box}`)
  return tasksOf(edited).some((task) => task.id === id) ? edited : text
}

/** A row, an item with what is nested in it, or a heading with all below it. */
function cut(text: string, { place }: BoardTask): { rest: string; block: readonly string[] } {
  const lines = text.split('\n')
  const first = place.line - 1
  const head = lines[first] as string
  const indent = /^ */.exec(head)?.[0].length ?? 0
  const isOver = (line: string) =>
    head.startsWith('|')
      ? true
      : head.startsWith('#')
        ? /^#{1,3} /.test(line)
        : line.trim() === '' || (/^ */.exec(line)?.[0].length ?? 0) <= indent
  let end = first + 1
  while (end < lines.length - 1 && !isOver(lines[end] as string)) end += 1
  return { rest: [...lines.slice(0, first), ...lines.slice(end)].join('\n'), block: lines.slice(first, end) }
}

function putBefore(text: string, block: readonly string[], { place }: BoardTask): string {
  const lines = text.split('\n')
  const indent = /^ */.exec(lines[place.line - 1] ?? '')?.[0] ?? ''
  const own = /^ */.exec(block[0] ?? '')?.[0].length ?? 0
  lines.splice(place.line - 1, 0, ...block.map((line) => (line === '' ? line : indent + line.slice(own))))
  return lines.join('\n')
}

function lineAt(text: string, line: number): string {
  return text.split('\n')[line - 1] ?? ''
}

function replaceLine(text: string, line: number, change: (line: string) => string): string {
  const lines = text.split('\n')
  lines[line - 1] = change(lines[line - 1] ?? '')
  return lines.join('\n')
}

const IDS = ['T1', 'T2', 'T3', 'T4', 'T5'] as const

/** One board in each dialect: five tasks, T2 waits for T1, and T5 is set aside. */
export const DIALECT_BOARDS: Readonly<Record<string, string>> = {
  table: [
    '# Board\n\n| ID | Task | Status | Dependencies | Priority | Owner | Est |\n|---|---|---|---|---|---|---|',
    ...IDS.map(
      (id) => `| ${id} | Do ${id} | ${id === 'T5' ? 'PAUSED' : 'AVAILABLE'} | ${id === 'T2' ? 'T1' : '-'} | | | |`,
    ),
    '',
  ].join('\n'),
  'table without status': [
    '| ID | Task | Dependencies |\n|---|---|---|',
    ...IDS.map((id) => `| ${id} | Do ${id} | ${id === 'T2' ? 'T1' : '-'} |`),
    '',
  ].join('\n'),
  checklist: [
    '# Board\n',
    ...IDS.map((id) => `- [ ] ${id}: Do ${id}${id === 'T2' ? ' (depends on T1)' : ''}`),
    '',
  ].join('\n'),
  'nested list':
    '# Board\n\n- [ ] Do T2 ^T2\n  - [ ] Do T1 ^T1\n- [ ] Do T3 ^T3\n  - [/] Do T4 ^T4\n- [ ] Do T5 (paused) ^T5\n- [ ] Draw it\n',
  obsidian: [
    '# Board\n',
    ...IDS.map((id) => `- [${id === 'T5' ? '-' : ' '}] Do ${id} 🆔 ${id}${id === 'T2' ? ' ⛔ T1' : ''}`),
    '',
  ].join('\n'),
  columns:
    '## To do\n\n- Do T1 ^T1\n- Do T2 (blocked by T1) ^T2\n- Do T3 ^T3\n- Draw it\n\n## In progress\n\n- Do T4 ^T4\n\n## Done\n\n- Do T5 ^T5\n',
  headings: [
    '# Board\n',
    ...IDS.map(
      (id) =>
        `### ${id}: Do ${id}\n\n**Status:** ${id === 'T5' ? 'paused' : 'available'}\n**Dependencies:** ${id === 'T2' ? 'T1' : 'None'}\n**Priority:** low\n`,
    ),
  ].join('\n'),
}
