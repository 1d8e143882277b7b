/** What holds for every dialect: no change changes nothing, and one change changes one task and nothing else. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard, setStatuses } from '../../../src/board/index.ts'
import type { TaskId } from '../../../src/model/index.ts'
import { board, boardTexts, dependencyIds, id, runs, tasksIn } from '../support.ts'

const VARIANTS: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['line ends of Windows', (text) => text.replace(/\n/g, '\r\n')],
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['line ends of old', (text) => text.replace(/\n/g, '\r')],
  ['tabs for indentation', (text) => text.replace(/^( {2})+/gm, (spaces) => '\t'.repeat(spaces.length / 2))],
  ['no last line end', (text) => text.trimEnd()],
  ['white space at line ends', (text) => text.replace(/([^\n-])\n/g, '$1 \t\n')],
  ['other list markers', (text) => text.replace(/^(\s*)- /gm, '$1* ')],
  ['variation selectors', (text) => text.replace(/([⏫🔼🔽🔺⏬🆔⛔🔵🟢🟡])/gu, '$1\ufe0f')],
]
/** A large board costs a tenth of a second each time: of the corpus three variants are enough. */
const texts = boardTexts().flatMap(([name, text]) =>
  VARIANTS.slice(0, text.length > 5000 ? 3 : VARIANTS.length).map(([variant, change]) => ({
    name: `${name} with ${variant}`,
    text: change(text),
  })),
)

/** Enough for properties that would cost minutes with the large ones. */
const small = texts.filter(({ text }) => text.length <= 5000)

const statuses = fc.constantFrom('available', 'claimed', 'review', 'done', 'blocked', 'paused', 'cancelled')
/** A claim names its session, a pause its reason. */
const changes = fc.oneof(
  fc.record({ status: statuses }),
  fc.record({ status: fc.constant('claimed' as const), by: fc.constantFrom('session-4', 's.1_b-2') }),
  fc.record({ status: fc.constant('paused' as const), by: fc.constantFrom('no flour, yet: wait', '面粉', 'by Ann') }),
)

const facts = (text: string) =>
  tasksIn(text).map((task) => ({
    id: task.id,
    title: task.title,
    status: task.status as string,
    dependencies: dependencyIds(task),
    blockers: task.externalBlockers.map((blocker) => blocker.text),
    acceptance: task.acceptance,
    rest: [task.owner, task.priority, task.estimateMinutes, task.description, task.filler, task.model],
  }))

const byId = (tasks: ReturnType<typeof facts>) => [...tasks].sort((a, b) => (a.id < b.id ? -1 : 1))

test('writing what already stands there gives the same bytes, in every fixture and variant', () => {
  for (const { name, text } of texts) {
    const same = tasksIn(text).flatMap(({ id: task, status }) => (status === 'unknown' ? [] : [{ id: task, status }]))
    assert.is(setStatuses(text, board, same).text, text, name)
  }
})

test('after any change of a status the board has the same tasks, and that status alone is another', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), changes, ({ text }, pick, change) => {
      const before = facts(text)
      const task = before[pick % before.length]
      if (task === undefined) return
      const after = setStatuses(text, board, [{ id: task.id, ...change }]).text
      assert.equal(
        byId(facts(after)),
        byId(before.map((each) => (each === task ? { ...each, status: change.status } : each))),
      )
      assert.is(setStatuses(after, board, [{ id: task.id, ...change }]).text, after)
    }),
    { ...runs, numRuns: 3 * runs.numRuns },
  )
})

test('many changes at once are each read back, whatever moves where', () => {
  const many = fc.array(fc.tuple(fc.nat(), changes), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(fc.constantFrom(...small), many, ({ text }, picks) => {
      const before = facts(text)
      if (before.length === 0) return
      const wanted = new Map(picks.map(([pick, change]) => [before[pick % before.length]?.id as TaskId, change]))
      const after = setStatuses(
        text,
        board,
        [...wanted].map(([task, change]) => ({ id: task, ...change })),
      ).text
      const now = (each: (typeof before)[number]) => ({ ...each, status: wanted.get(each.id)?.status ?? each.status })
      assert.equal(byId(facts(after)), byId(before.map(now)))
    }),
    { ...runs, numRuns: 2 * runs.numRuns },
  )
})

test('a change of one list item touches its own lines alone; every other line stays as it is and where it is', () => {
  fc.assert(
    fc.property(fc.constantFrom(...small), fc.nat(), changes, ({ text }, pick, change) => {
      const tasks = parseBoard(text, board).board.tasks
      const task = tasks[pick % tasks.length]
      if (task?.showsClaims === undefined) return
      const after = setStatuses(text, board, [{ id: task.id, ...change }]).text
      const [old, now] = [lines(text), lines(after)]
      const gone = old.filter((line) => !now.includes(line) && line.trim() !== '')
      assert.ok(gone.length <= 1, JSON.stringify(gone))
    }),
    { ...runs, numRuns: 2 * runs.numRuns },
  )
})

test('a whole life of statuses ends where it began: the same box, no note, and an id that was not there before', () => {
  for (const { name, text } of texts.filter(({ name: each }) => !/^s2-|^spec|^open/.test(each))) {
    for (const { id: task, status, showsClaims } of tasksIn(text)) {
      if (showsClaims === undefined || status !== 'available') continue
      const claimed = setStatuses(text, board, [{ id: task, status: 'claimed', by: 'session-4' }]).text
      const done = setStatuses(claimed, board, [{ id: task, status: 'done' }]).text
      const open = setStatuses(done, board, [{ id: task, status: 'available' }]).text
      const withoutId = (each: string) =>
        lines(each)
          .map((line) => line.replace(` ^${task}`, ''))
          .sort()
      assert.equal(withoutId(open), withoutId(text), `${name}: ${task}`)
    }
  }
})

function lines(text: string): string[] {
  return text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '')
}

const words = fc
  .array(
    fc.constantFrom('bake', 'Bread', '生地', '반죽', '🍞', '🍞\ufe0f', 'a|b', 'c\\|d', '`x`', '(warm)', 'P9x', 'e.g.'),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(' '))
const behind = fc.constantFrom(
  '',
  ' @ann',
  ' !high',
  ' (2h)',
  ' ^own',
  ' {#own}',
  ' 🆔 own',
  ' (blocked by x1)',
  ' #tag',
)
const marks = fc.constantFrom(' ', 'x', 'X', '/', '~')
const items = fc.array(fc.record({ depth: fc.nat(2), mark: marks, title: words, behind }), {
  minLength: 1,
  maxLength: 8,
})

test('generated lists hold to it too: any titles, marks, depths and line ends', () => {
  const eols = fc.constantFrom('\n', '\r\n')
  fc.assert(
    fc.property(items, eols, fc.nat(), changes, (rows, eol, pick, change) => {
      let depth = -1
      const text = rows
        .map((row) => {
          depth = Math.min(row.depth, depth + 1)
          return `${'  '.repeat(depth)}- [${row.mark}] ${row.title}${row.behind}${eol}`
        })
        .join('')
      const before = facts(text)
      const task = before[pick % Math.max(1, before.length)]
      if (task === undefined) return
      const after = setStatuses(text, board, [{ id: id(task.id), ...change }]).text
      assert.equal(
        facts(after),
        before.map((each) => (each === task ? { ...each, status: change.status } : each)),
      )
    }),
    { ...runs, numRuns: 4 * runs.numRuns },
  )
})

test.run()
