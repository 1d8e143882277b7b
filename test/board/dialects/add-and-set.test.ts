/** `add` and `set` in lists and task files: each in the syntax that is there. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type AddPlace,
  addBlocker,
  addTasks,
  type EditableField,
  removeBlockers,
  setFields,
} from '../../../src/board/index.ts'
import type { IfBoardError, TaskId } from '../../../src/model/index.ts'
import { board, boardTexts, changedLines, dependencyIds, fixture, id, runs, taskIn, tasksIn } from '../support.ts'

const END: AddPlace = { kind: 'end' }
const ALL = {
  owner: '@ann',
  priority: 'critical',
  estimate: '2h',
  capabilities: 'rust',
  dependencies: 'X1, X2',
} as const

type Values = Readonly<Partial<Record<EditableField, string>>>

function add(text: string, after: string | undefined, values: Values = {}, name?: string) {
  const tasks = [
    {
      id: name === undefined ? undefined : id(name),
      title: 'Sell *it*',
      values: new Map(Object.entries(values)) as never,
    },
  ]
  const place: AddPlace = after === undefined ? END : { kind: 'after', id: id(after) }
  return addTasks(text, board, { tasks, place, taken: new Set(['gone']), mentioned: new Set() })
}

/** The lines that are new. */
function added(text: string, after: string | undefined, values: Values = {}, name?: string): string {
  const old = text.split('\n')
  const now = add(text, after, values, name).text.split('\n')
  const at = now.findIndex((line, index) => line !== old[index])
  return now.slice(at, at + now.length - old.length).join('\n')
}

function set(text: string, task: string, values: Values): string {
  return setFields(text, board, [{ id: id(task), values: new Map(Object.entries(values)) as never }])
}

function refusal(work: () => unknown): IfBoardError {
  try {
    work()
  } catch (error) {
    return error as IfBoardError
  }
  return assert.unreachable('nothing was refused') as never
}

const NEW: readonly (readonly [string, string | undefined, string, string])[] = [
  ['plain-list.md', 'raise-the-chimney', '  - [ ] Sell *it*', ' (2h) @ann !high (needs: rust) (blocked by X1, X2)'],
  ['spec-kit.md', 'T008', '- [ ] T010 [US1] Sell *it*', ' (2h) @ann !high (needs: rust) (depends on X1, X2)'],
  ['spec-kit.md', 'T003', '- [ ] T010 Sell *it*', ' (2h) @ann !high (needs: rust) (depends on X1, X2)'],
  ['openspec.md', undefined, '- [ ] 2.3 Sell *it*', ' (2h) @ann !high (needs: rust) (depends on X1, X2)'],
  ['kiro.md', '2.3', '  - [ ] 2.4 Sell *it*', ' (2h) @ann !high (needs: rust)\n    - _Depends: X1, X2_'],
  ['obsidian.md', 'test-with-users', '- [ ] #task Sell *it*', ' (2h) @ann (needs: rust) ⛔ X1,X2 ⏫'],
  ['kanban.md', 'K-2', '- [ ] K-3: Sell *it*', ' (2h) @ann !high (needs: rust) (blocked by X1, X2)'],
  ['kanban.md', undefined, '- [ ] Sell *it*', ' (2h) @ann !high (needs: rust) (blocked by X1, X2)'],
  ['columns.md', undefined, '- Sell *it*', ' (2h) @ann !high (needs: rust) (blocked by X1, X2)'],
  ['filler-catalog.md', 'U.1', '- [ ] U.3: Sell *it*', ' (2h, critical) @ann (needs: rust) (depends on X1, X2)'],
]

for (const [name, after, line, behind] of NEW)
  test(`a new task of ${name} behind ${after ?? 'the last one'} is written as its neighbour, with every field that it has`, () => {
    const text = fixture(name)
    assert.is(added(text, after), line)
    assert.is(added(text, after, ALL), line + behind)
    const result = add(text, after, ALL)
    const task = taskIn(result.text, result.ids[0] as string)
    assert.equal(
      [task.title, task.owner, task.priority, task.estimateMinutes, task.capabilities, dependencyIds(task)],
      ['Sell it', 'ann', 'high', 120, ['rust'], ['X1', 'X2']],
    )
  })

test('an id is written as the neighbour has it: a block id, an attribute, a sign or a field of Obsidian', () => {
  const [plain, obsidian] = [fixture('plain-list.md'), fixture('obsidian.md')]
  assert.is(added(plain, 'bricks'), '  - [ ] Sell *it* ^sell-it')
  assert.is(added(plain, 'dough'), '- [ ] Sell *it* {#sell-it}')
  assert.is(added(obsidian, '4ijuhy'), '- [ ] #task Sell *it* 🆔 sell-it')
  assert.is(added(obsidian, 'sign'), '- [ ] Sell *it*  [id:: sell-it]')
  assert.is(
    added(obsidian, 'sign', ALL),
    '- [ ] Sell *it* (2h) @ann (needs: rust)  [dependsOn:: X1,X2]  [priority:: critical]  [id:: sell-it]',
  )
  assert.is(added('- [ ] Dig ^T-9\n', 'T-9'), '- [ ] Sell *it* ^T-10')
})

test('the number of an issue, parallel and optional are said of the neighbour alone', () => {
  assert.is(added(fixture('plain-list.md'), '#42'), '- [ ] Sell *it*')
  assert.is(added('- [ ] **T001** [P] Dig\n- [ ] **T002** [P] Fill\n', 'T001'), '- [ ] **T003** Sell *it*')
  assert.is(added('- [ ] #task Dig ⏫\n- [ ] #task Fill ^task\n', 'task'), '- [ ] #task Sell *it* ^sell-it')
  assert.is(added('- [ ] 1. Dig\n- [ ]* 2. Fill\n', '2'), '- [ ] 3. Sell *it*')
  assert.is(added('- [ ] 1. Dig\n- [ ] 2.* Fill\n', '2'), '- [ ] 3. Sell *it*')
})

test('an id that the title does not give stands behind it', () => {
  const text = '- [ ] Sell it\n- [ ] Rest\n'
  assert.is(added(text, 'rest'), '- [ ] Sell *it* ^sell-it-2')
  assert.is(added(text, 'rest', {}, 'shop'), '- [ ] Sell *it* ^shop')
  assert.is(added('- [ ] Rest\n', 'rest', {}, 'sell-it'), '- [ ] Sell *it*')
})

test('an ordered list goes on counting, and a list with blank lines gets one', () => {
  assert.is(added('1. [ ] Dig\n2. [ ] Fill\n', 'fill'), '3. [ ] Sell *it*')
  assert.is(add('* [ ] Dig\n\n* [ ] Fill\n', 'fill').text, '* [ ] Dig\n\n* [ ] Fill\n\n* [ ] Sell *it*\n')
})

test('on a board of columns a new task is among the open ones, and nowhere else', () => {
  const kanban = fixture('kanban.md')
  assert.match(add(kanban, undefined).text, '(blocked by build-the-oven)\n- [ ] Sell *it*\n\n## In progress')
  const empty = '## To do\n\n## Done\n\n- [x] Dig\n'
  assert.is(add(empty, undefined).text, '## To do\n\n- [ ] Sell *it*\n\n## Done\n\n- [x] Dig\n')
  const error = refusal(() => add(kanban, 'rent-the-house'))
  assert.is(error.code, 'board/cannot-edit')
  assert.match(error.message, 'below `Done` would be done')
})

test('a file that is one task has no room for another, and says where it goes', () => {
  const error = refusal(() => add(fixture('task-12 - Bake-bread.md'), undefined))
  assert.is(error.code, 'board/cannot-edit')
  assert.match(error.hint ?? '', 'file of its own')
})

const SET: readonly (readonly [string, string, Values, string])[] = [
  ['plain-list.md', 'build-the-oven', { owner: 'ben' }, '- [ ] Build the oven @ben !high (2h)'],
  ['plain-list.md', 'build-the-oven', { owner: '-' }, '- [ ] Build the oven !high (2h)'],
  ['plain-list.md', 'build-the-oven', { priority: 'low', estimate: '1h' }, '- [ ] Build the oven @ann !low (1h)'],
  ['plain-list.md', 'build-the-oven', { estimate: '' }, '- [ ] Build the oven @ann !high'],
  [
    'plain-list.md',
    'build-the-oven',
    { dependencies: 'dough' },
    '- [ ] Build the oven @ann !high (2h) (blocked by dough)',
  ],
  ['plain-list.md', 'build-the-oven', { title: 'Raise it' }, '- [ ] Raise it @ann !high (2h) ^build-the-oven'],
  ['plain-list.md', 'raise-the-chimney', { dependencies: '' }, '  - [ ] Raise the chimney'],
  ['plain-list.md', 'dough', { priority: 'high' }, '- [ ] Knead the dough {#dough} P1'],
  ['plain-list.md', 'bake-bread', { owner: 'Session 4' }, '  - Owner: Session 4'],
  ['plain-list.md', '#42', { capabilities: 'none' }, '- [ ] #42 Mend the door'],
  ['spec-kit.md', 'T008', { dependencies: 'T004' }, '- [ ] T008 [US1] Bake in src/bake.ts (depends on T004)'],
  ['spec-kit.md', 'T009', { dependencies: 'T008' }, '- [ ] T009 [US1] Log the heat (depends on T008)'],
  ['kiro.md', '3', { dependencies: '2' }, '  - _Depends: 2_'],
  ['kiro.md', '2', { dependencies: '1' }, '  - _Depends: 1_'],
  ['obsidian.md', '4ijuhy', { priority: 'low' }, '- [ ] #task Build a first draft 🆔 4ijuhy 🔽 📅 2031-04-01'],
  ['obsidian.md', 'test-with-users', { dependencies: 'fly-1, sign' }, '- [ ] #task Test with users ⛔ fly-1,sign 🔼'],
  ['obsidian.md', 'test-with-users', { dependencies: 'None' }, '- [ ] #task Test with users 🔼'],
  ['obsidian.md', 'sign', { dependencies: 'none', priority: '-' }, '- [ ] Hang the sign  [id:: sign]'],
  ['filler-catalog.md', 'F1.1', { priority: '-' }, '- [ ] F1.1: Improve `docs/OVEN.md` with notes (15 min)'],
  ['task-12 - Bake-bread.md', 'task-12', { title: "Bake: ann's" }, 'title: "Bake: ann\'s"'],
  ['task-12 - Bake-bread.md', 'task-12', { owner: '@ben' }, "  - '@ben'"],
  ['task-12 - Bake-bread.md', 'task-12', { estimate: '3h' }, 'estimate: 3h'],
]

for (const [name, task, values, line] of SET)
  test(`${JSON.stringify(values)} of ${task} on ${name} becomes ${JSON.stringify(line)}`, () => {
    const text = fixture(name)
    assert.is(changedLines(text, set(text, task, values))[0], line)
  })

test('entries of a task file are written as the file has its lists', () => {
  const text = "---\nid: t-1\ntitle: Dig\nstatus: To Do\nassignee: []\ndependencies: [t-2, 't-3']\n---\n"
  assert.match(set(text, 't-1', { dependencies: 't-4, t-5' }), '\ndependencies: [t-4, t-5]\n')
  assert.match(set(text, 't-1', { dependencies: '' }), '\ndependencies: []\n')
  assert.match(set(text, 't-1', { owner: '@ann' }), "\nassignee: ['@ann']\n")
  const block = fixture('task-12 - Bake-bread.md')
  assert.match(set(block, 'task-12', { dependencies: 'task-1' }), '\ndependencies:\n  - task-1\npriority')
  assert.match(
    set(block, 'task-12', { dependencies: 'task-1, task-2, task-3' }),
    '\n  - task-1\n  - task-2\n  - task-3\npriority',
  )
  assert.match(set(block, 'task-12', { dependencies: 'None' }), '\ndependencies:\npriority')
})

test('a field that a dialect cannot say is refused by name, and one that is not there is taken away in silence', () => {
  const error = refusal(() => set(fixture('openspec.md'), '2.1', { deliverable: 'a.ts' }))
  assert.is(error.code, 'board/cannot-edit')
  assert.match(error.message, 'no place for its deliverable (numbered)')
  assert.is(set(fixture('openspec.md'), '2.1', { deliverable: '-' }), fixture('openspec.md'))
})

test('what is no id never goes where a tool reads ids alone', () => {
  const text = fixture('obsidian.md')
  const blocked = addBlocker(text, board, id('test-with-users'), 'the flour')
  assert.equal(changedLines(text, blocked), ['- [ ] #task Test with users (blocked by "the flour") ⛔ 4ijuhy 🔼'])
  const { dependencies, externalBlockers } = taskIn(blocked, 'test-with-users')
  assert.equal([dependencies.length, externalBlockers.map((blocker) => blocker.text)], [1, ['the flour']])
  assert.is(removeBlockers(blocked, board, id('test-with-users')), text)
})

test('a bold number is no star: its task is not optional', () => {
  assert.equal(
    tasksIn('- [ ] **1.1** Dig\n- [ ] 1.2* Fill\n').map(({ filler }) => filler),
    [false, true],
  )
})

const VALUES: readonly Values[] = [
  { owner: 'ben' },
  { owner: '-' },
  { priority: 'low' },
  { priority: 'none' },
  { estimate: '45m' },
  { estimate: '' },
  { dependencies: 'Z1, Z2' },
  { dependencies: '-' },
  { capabilities: 'rust, wasm' },
  { title: 'Something else' },
]
const lists = boardTexts().filter(([, text]) => text.length < 20_000 && tasksIn(text).some((task) => task.showsClaims))

/** Lines of the first text that the second does not have, in order. */
function gone(before: string, after: string): string[] {
  const now = after.split('\n')
  let from = 0
  return before.split('\n').filter((line) => {
    const at = now.indexOf(line, from)
    if (at >= 0) from = at + 1
    return at < 0
  })
}

test('a field of an item touches lines of that item alone, and every other byte stays', () => {
  let landed = 0
  fc.assert(
    fc.property(fc.constantFrom(...lists), fc.nat(), fc.constantFrom(...VALUES), ([, text], pick, values) => {
      const tasks = tasksIn(text).filter(({ showsClaims }) => showsClaims)
      const task = tasks[pick % tasks.length]
      if (task === undefined) return
      let after: string
      try {
        after = set(text, task.id, values)
      } catch (error) {
        assert.is((error as IfBoardError).code, 'board/cannot-edit', String(error))
        return
      }
      if (after === text) return
      landed += 1
      const next = tasks[tasks.indexOf(task) + 1]?.place.line ?? Number.POSITIVE_INFINITY
      const rows = text.split('\n')
      for (const line of gone(text, after)) {
        const at = rows.indexOf(line) + 1
        assert.ok(at >= task.place.line && at < next, `${task.id}: ${line}`)
      }
      const [one, two] = [text, after].map((each) => meanings(each, task.id))
      assert.equal(two, one)
    }),
    { ...runs, numRuns: 3 * runs.numRuns },
  )
  assert.ok(landed > runs.numRuns, `only ${landed} landed`)
})

function meanings(text: string, without: TaskId): unknown[] {
  return tasksIn(text)
    .filter((task) => task.id !== without)
    .map(({ place: _, dependencies, externalBlockers, ...task }) => [
      task,
      dependencies.map((each) => each.id),
      externalBlockers.map((each) => each.text),
    ])
}

test.run()
