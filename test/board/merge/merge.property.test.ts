/** What holds for any two edits of any board: random rows, items, edits, moves, removals and additions. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { diffBoards, type TaskChange } from '../../../src/board/diff.ts'
import { parseBoard } from '../../../src/board/index.ts'
import type { BoardTask } from '../../../src/model/index.ts'
import { board, boardTexts, runs } from '../support.ts'
import { merge } from './support.ts'

interface Row {
  readonly id: string
  readonly cells: readonly [title: string, status: string, needs: string, owner: string]
}

const START: readonly Row[] = ['A1', 'A2', 'A3', 'A4', 'A5'].map((id) => ({
  id,
  cells: [`Title of ${id}`, 'AVAILABLE', 'None', '-'],
}))

type Act =
  | { readonly kind: 'set'; readonly at: number; readonly cell: number; readonly pick: number }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'move'; readonly at: number; readonly to: number }
  | { readonly kind: 'add'; readonly at: number; readonly number: number }

const at = fc.nat(4)
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), at, cell: fc.nat(3), pick: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), at, to: at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), at, number: fc.nat(3) }) },
)
const acts = fc.array(act, { maxLength: 6 })
const VALUES = [
  ['Red', 'Green \\| blue', '生地'],
  ['DONE', 'PAUSED (why)', '🟡 CLAIMED (ada)'],
  ['A1', 'A2, A3', 'the bank'],
  ['Ann', 'Ben', 'Cem'],
] as const

function perform(rows: readonly Row[], done: readonly Act[], side: string): Row[] {
  const now = [...rows]
  for (const each of done) {
    const index = now.length === 0 ? 0 : each.at % now.length
    const row = now[index]
    if (each.kind === 'add')
      now.splice(index, 0, {
        id: `${side}${each.number}`,
        cells: [`New ${side}${each.number}`, 'AVAILABLE', 'None', '-'],
      })
    else if (row === undefined) continue
    else if (each.kind === 'remove') now.splice(index, 1)
    else if (each.kind === 'move') now.splice(each.to % now.length, 0, ...now.splice(index, 1))
    else
      now[index] = {
        ...row,
        cells: row.cells.with(each.cell, VALUES[each.cell]?.[each.pick] ?? '') as unknown as Row['cells'],
      }
  }
  return [...new Map(now.map((row) => [row.id, row])).values()]
}

const FORMS: readonly ((rows: readonly Row[]) => string)[] = [
  (rows) =>
    `# Table\n\nWords.\n\n| ID | Task | Status | Depends On | Owner |\n|--|--|--|--|--|\n${rows.map(({ id, cells }) => `| ${id} | ${cells.join(' | ')} |\n`).join('')}\nThe end.\n`,
  (rows) =>
    `# Table\r\n\r\nWords.\r\n\r\nID | Task | Status | Depends On | Owner\r\n--|--|--|--|--\r\n${rows.map(({ id, cells }) => `${id} |${cells.join('|')}\r\n`).join('')}`,
  (rows) =>
    `# List\n\nWords.\n\n${rows.map(({ id, cells: [title, status, needs] }) => `- [${status === 'DONE' ? 'x' : ' '}] ${id}: ${title} (depends on ${needs})\n`).join('')}`,
]
const forms = fc.constantFrom(...FORMS)
const tasksOf = (text: string) => parseBoard(text, board).board.tasks
const boardOf = (text: string) => parseBoard(text, board).board

test('what one side changed alone stands byte for byte beside a change of prose by the other', async () => {
  await fc.assert(
    fc.asyncProperty(forms, acts, fc.boolean(), async (form, done, swap) => {
      const base = form(START)
      const other = base.replace('Words.', 'Other words.')
      const changed = form(perform(START, done, 'N'))
      const { text, conflicts } = await (swap ? merge(base, changed, other) : merge(base, other, changed))
      assert.equal(conflicts, [])
      assert.is(text, changed.replace('Words.', 'Other words.'))
    }),
    runs,
  )
})

test('of equal versions the result is that version, on every board there is', async () => {
  for (const [name, text] of boardTexts()) {
    const other = `${text}\nmore\n`
    for (const [base, ours, theirs, result] of [
      [text, text, other, other],
      [text, other, text, other],
      [text, other, other, other],
    ] as const)
      assert.is((await merge(base, ours, theirs)).text, result, name)
  }
})

test('the same changes on both sides, beside a change of prose, are made once', async () => {
  await fc.assert(
    fc.asyncProperty(forms, acts, async (form, done) => {
      const changed = form(perform(START, done, 'N'))
      const { text, conflicts } = await merge(form(START), changed, changed.replace('Words.', 'Other words.'))
      assert.equal([text, conflicts], [changed.replace('Words.', 'Other words.'), []])
    }),
    runs,
  )
})

/** Is a change of one side in the merged text: as it was said, or in a mark beside what the other side said? */
function isKept(change: TaskChange, merged: ReadonlyMap<string, BoardTask>, text: string): boolean {
  const task = merged.get(change.key)
  if (change.kind === 'removed' || change.kind === 'moved' || change.kind === 'renamed') return true
  if (task === undefined) return false
  if (change.kind === 'added') return task.title === change.task.title
  const isMarked = /<{7}|\[\?\]/.test(lineOf(text, task))
  return isMarked || JSON.stringify(fieldOf(task, change.field)) === JSON.stringify(change.after)
}

function fieldOf(task: BoardTask, field: string): unknown {
  const value = task[field as keyof BoardTask] ?? null
  if (field === 'dependencies') return task.dependencies.map(({ id }) => id)
  return field === 'externalBlockers' ? task.externalBlockers.map(({ text }) => text) : value
}

function lineOf(text: string, task: BoardTask): string {
  return text.split('\n')[task.place.line - 1] ?? ''
}

test('no edit of either side is lost, and nothing is there twice', async () => {
  await fc.assert(
    fc.asyncProperty(forms, acts, acts, async (form, one, two) => {
      const base = form(START)
      const [ours, theirs] = [form(perform(START, one, 'O')), form(perform(START, two, 'T'))]
      const { text, conflicts } = await merge(base, ours, theirs)
      const merged = new Map(tasksOf(text).map((task) => [task.key as string, task]))
      for (const side of [ours, theirs])
        for (const change of diffBoards(boardOf(base), boardOf(side)))
          assert.ok(isKept(change, merged, text), `${JSON.stringify(change)}\n${text}`)
      assert.not.ok(
        parseBoard(text, board).diagnostics.some(({ code }) => code === 'board/duplicate-id'),
        text,
      )
      assert.not.ok(
        conflicts.some(({ kind }) => kind === 'text'),
        text,
      )
      for (const { kind, task } of conflicts)
        if (kind === 'removed') assert.not.equal(merged.get(`${board}:${task}`)?.status, 'available')
    }),
    runs,
  )
})

const headings = (rows: readonly Row[]) =>
  `# Headings\n\n${rows
    .map(
      ({ id, cells: [title, status, needs, owner] }) =>
        `### ${id}: ${title}\n\n**Status:** ${status}\n**Depends On:** ${needs}\n- **Owner:** ${owner}\n\n- [${status === 'DONE' ? 'x' : ' '}] it works\n`,
    )
    .join('\n')}`

test('values behind labels are merged one by one: what both sides say is in the text, or in a mark', async () => {
  const sets = acts.map((all) => all.filter(({ kind }) => kind === 'set'))
  await fc.assert(
    fc.asyncProperty(sets, sets, async (one, two) => {
      const [mine, yours] = [perform(START, one, 'O'), perform(START, two, 'T')]
      const { text, conflicts } = await merge(headings(START), headings(mine), headings(yours))
      const clashes = START.flatMap(({ cells }, at) =>
        cells.filter((cell, field) => {
          const [a, b] = [mine[at]?.cells[field], yours[at]?.cells[field]]
          return a !== b && a !== cell && b !== cell
        }),
      )
      assert.is(conflicts.length, clashes.length)
      const wanted = START.map((row, at) => ({
        ...row,
        cells: row.cells.map((cell, field) => {
          const [a, b] = [mine[at]?.cells[field] ?? '', yours[at]?.cells[field] ?? '']
          return a === b || b === cell ? a : a === cell ? b : null
        }),
      }))
      for (const { id, cells } of wanted)
        for (const [at, label] of ['Status', 'Depends On', 'Owner'].entries()) {
          const block = text.slice(text.indexOf(`### ${id}:`)).split('\n### ')[0] ?? ''
          const value = cells[at + 1]
          assert.ok(
            block.includes(value === null ? `**${label}:** <<<<<<< ` : `**${label}:** ${value}\n`),
            `${id} ${label}\n${text}`,
          )
        }
    }),
    runs,
  )
})

test('which side is called ours decides only the order of additions and of the values in a mark', async () => {
  const told = (text: string) =>
    new Map(
      tasksOf(text).map((task) => [
        task.id,
        lineOf(text, task).includes('<<<<<<<')
          ? 'conflict'
          : JSON.stringify({
              ...task,
              place: 0,
              dependencies: task.dependencies.map(({ id }) => id),
              externalBlockers: task.externalBlockers.map(({ text: words }) => words),
            }),
      ]),
    )
  await fc.assert(
    fc.asyncProperty(forms, acts, acts, async (form, one, two) => {
      const base = form(START)
      const [ours, theirs] = [form(perform(START, one, 'O')), form(perform(START, two, 'T'))]
      const [there, back] = [told((await merge(base, ours, theirs)).text), told((await merge(base, theirs, ours)).text)]
      assert.equal([...there].sort(), [...back].sort())
    }),
    runs,
  )
})

test.run()
