/** Lists of boxes: plain GFM, ids in front, spec-kit, OpenSpec, Kiro, Obsidian Tasks. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { addBlocker, parseBoard, removeBlockers, type StatusChange, setStatuses } from '../../../src/board/index.ts'
import { board, changed, dependencyIds, fixture, id, runs, taskIn, tasksIn } from '../support.ts'

const plain = fixture('plain-list.md')
const kiro = fixture('kiro.md')
const obsidian = fixture('obsidian.md')

function set(text: string, task: string, status: StatusChange['status'], by?: string): string {
  return setStatuses(text, board, [{ id: id(task), status, ...(by === undefined ? {} : { by }) }]).text
}

const rows = (text: string) =>
  tasksIn(text).map((task) => [task.id, task.title, task.status, dependencyIds(task).join(' ')])

test('every box of a plain list is a task, a child blocks its parent, and criteria are none', () => {
  assert.equal(rows(plain), [
    ['build-the-oven', 'Build the oven', 'available', 'bricks raise-the-chimney'],
    ['bricks', 'Lay the bricks', 'done', ''],
    ['raise-the-chimney', 'Raise the chimney', 'available', 'bricks'],
    ['dough', 'Knead the dough', 'available', ''],
    ['bake-bread', 'Bake bread', 'available', 'build-the-oven dough'],
    ['#42', 'Mend the door', 'available', ''],
    ['sweep-the-floor', 'Sweep the floor', 'claimed', ''],
    ['#7', 'Count the bags', 'claimed', ''],
    ['buy-a-mixer', 'Buy a mixer', 'unknown', ''],
    ['看板を描く', '看板を描く', 'available', 'dough bricks'],
    ['build-the-oven-28742c', 'Build the oven', 'available', ''],
    ['open-day', '🎪️ Open day', 'available', ''],
  ])
})

test('owner, priority, estimate and capabilities stand behind the title or in a line below', () => {
  const oven = taskIn(plain, 'build-the-oven')
  assert.equal([oven.owner, oven.priority, oven.estimateMinutes], ['ann', 'high', 120])
  assert.is(taskIn(plain, 'dough').priority, 'medium')
  assert.equal(taskIn(plain, '#42').capabilities, ['carpentry', 'hinges'])
  assert.equal(
    [taskIn(plain, 'bake-bread').owner, taskIn(plain, 'bake-bread').description],
    ['Session 2', 'at 250 degrees'],
  )
})

test('a mark that two tools read in two ways is understood by neither reading', () => {
  const { diagnostics } = parseBoard(plain, board)
  assert.equal(
    diagnostics.map(({ code, line }) => [code, line]),
    [['board/unknown-status', 18]],
  )
})

const BEHIND: readonly (readonly [string, string, unknown])[] = [
  ['- [ ] Fix it blocked by #41, #42', 'fix-it', ['#41', '#42']],
  ['- [ ] Fix it (depends on #41) #42', '#42', ['#41']],
  ['- [ ] Fix it, depends on: A1 and B2', 'fix-it', ['A1', 'B2']],
  ['- [ ] Fix it needs: T012', 'fix-it', ['T012']],
  ['- [ ] Write what it depends on, in full', 'write-what-it-depends-on-in-full', []],
  ['- [ ] See [the plan](needs) (really)', 'see-the-plan-really', []],
  ['- [ ] Mail ann@example.org', 'mail-ann-example-org', []],
  ['- [ ] A long title that\n  wraps at eighty columns (1h) ^wrapped', 'wrapped', []],
  ['- [ ] Short (needs A1) ^short\n  and prose below', 'short', ['A1']],
  ['- [ ] @ann', 'ann', []],
  ['- [ ] Paint (needs A1) (blocked by B2)\n  - Depends on: C3', 'paint', ['B2', 'A1', 'C3']],
  ['- [ ] Paint (needs: patience) blocked by A1, ^b2 @ann', 'paint', ['A1', 'b2']],
]
for (const [text, wanted, dependencies] of BEHIND)
  test(`${JSON.stringify(text)} is ${wanted}, which waits for ${JSON.stringify(dependencies)}`, () => {
    assert.equal(
      tasksIn(text).map((task) => [task.id, dependencyIds(task)]),
      [[wanted, dependencies]],
    )
  })

test('words without a colon that name nothing block, as in any dependency cell', () => {
  const [task] = tasksIn('- [ ] Ship blocked by legal\n')
  assert.equal([task?.title, task?.externalBlockers.map(({ text }) => text)], ['Ship', ['legal']])
})

test('a claim is a note in front of what tools expect at the end, and the made id is written with it', () => {
  assert.equal(changed(plain, set(plain, 'build-the-oven', 'claimed', 'session-4')), {
    removed: '',
    added: ' (claimed by session-4) ^build-the-oven',
  })
  assert.equal(changed(plain, set(plain, 'bricks', 'claimed', 'session-4')), {
    removed: 'x] Lay the bricks',
    added: ' ] Lay the bricks (claimed by session-4)',
  })
  const paused = set(plain, 'dough', 'paused', 'no flour')
  assert.equal(changed(plain, paused), { removed: '', added: ' (paused: no flour)' })
  assert.equal([taskIn(paused, 'dough').status, taskIn(paused, 'dough').statusNote], ['paused', 'no flour'])
  assert.is(set(paused, 'dough', 'available'), plain)
})

test('what a person types into the box wins over the note of a claim', () => {
  const claimed = set(plain, 'dough', 'claimed', 'session-4')
  assert.is(taskIn(claimed.replace('[ ] Knead', '[x] Knead'), 'dough').status, 'done')
  const inObsidian = set(obsidian, 'fly-1', 'claimed', 'session-4')
  assert.is(taskIn(inObsidian, 'fly-1').status, 'claimed')
  assert.is(taskIn(inObsidian.replace('[/] Print', '[ ] Print'), 'fly-1').status, 'available')
  assert.is(taskIn(inObsidian.replace('[/] Print', '[-] Print'), 'fly-1').status, 'cancelled')
})

test('an id made from a title depends on no other row; only later rows of one title carry their place in it', () => {
  const titles = fc.uniqueArray(fc.constantFrom('Bake', 'Sell', 'Sweep', '生地', 'Buy 2 bags', 'a b c'), {
    minLength: 2,
  })
  fc.assert(
    fc.property(titles, fc.nat(), (all, pick) => {
      const ids = (list: readonly string[]) =>
        new Map(tasksIn(list.map((each) => `- [ ] ${each}`).join('\n')).map((task) => [task.title, task.id]))
      const kept = all.filter((_, at) => at !== pick % all.length)
      const [before, after] = [ids(all), ids([...kept].reverse())]
      assert.ok(kept.every((title) => before.get(title) === after.get(title)))
    }),
    runs,
  )
  const [one, two, three] = tasksIn('## A\n\n- [ ] Test\n\n## B\n\n- [ ] Test\n\n## C\n\n- [ ] Test\n')
  const without = tasksIn('## A\n\n- [ ] Test\n\n## C\n\n- [ ] Test\n')
  assert.is(one?.id, 'test')
  assert.not.equal(two?.id, three?.id)
  assert.is(without[1]?.id, three?.id)
  assert.equal(new Set(tasksIn('- [ ] a\n'.repeat(50)).map((task) => task.id)).size, 50)
})

test('beside a table or ids in front, only a box with an id written to be one is a task', () => {
  const table = '| ID | Task |\n|-|-|\n| A1 | a |\n\n'
  const boxes = '- [ ] a note\n- [ ] F1: a filler\n- [ ] mine ^own\n- [ ] fix #42\n'
  assert.equal(
    tasksIn(table + boxes).map((task) => task.id),
    ['A1', 'F1', 'own'],
  )
  const { board: found, diagnostics } = parseBoard('- [ ] F1: one\n- [ ] F2: two\n- [ ] three\n', board)
  assert.equal(
    found.tasks.map((task) => task.id),
    ['F1', 'F2'],
  )
  assert.equal(
    diagnostics.map(({ code, line }) => [code, line]),
    [['board/no-id', 3]],
  )
})

test('notes of other kinds are no tasks: letters in the box, references, boxes below criteria', () => {
  const text = '- [i] good to know\n- [1] a reference\n- **Acceptance criteria:**\n  - [ ] warm\n- [ ] Bake\n'
  assert.equal(
    tasksIn(text).map((task) => task.id),
    ['bake'],
  )
})

test('spec-kit: id, [P] and story stand in front, and only named dependencies count', () => {
  const speckit = fixture('spec-kit.md')
  assert.equal(rows(speckit), [
    ['T001', 'Create the folders', 'done', ''],
    ['T002', 'Initialize the project', 'available', ''],
    ['T003', 'Configure linting', 'available', ''],
    ['T004', 'Lay the database', 'available', ''],
    ['T005', 'Raise the router in src/router.ts', 'available', ''],
    ['T006', 'Contract test for [oven] in tests/oven.ts', 'available', ''],
    ['T007', 'Create the oven in src/oven.ts', 'available', ''],
    ['T008', 'Bake in src/bake.ts', 'available', 'T004 T007'],
    ['T009', 'Log the heat', 'available', ''],
  ])
  assert.is(taskIn(speckit, 'T006').priority, 'high')
  assert.equal(changed(speckit, set(speckit, 'T008', 'claimed', 's1')), { removed: '', added: ' (claimed by s1)' })
})

test('phases are an order where the config says so: the phase before, and without [P] all above in the phase', () => {
  const { tasks } = parseBoard(fixture('spec-kit.md'), board, { implicit: 'phase' }).board
  assert.equal(
    tasks.map((task) => [task.id, dependencyIds(task).sort().join(' ')]),
    [
      ['T001', ''],
      ['T002', 'T001'],
      ['T003', ''],
      ['T004', 'T001 T002 T003'],
      ['T005', 'T001 T002 T003'],
      ['T006', 'T004 T005'],
      ['T007', 'T004 T005'],
      ['T008', 'T004 T005 T006 T007'],
      ['T009', 'T004 T005 T008'],
    ],
  )
})

test('phases work without the word, never make a parent wait for itself, and stay bounded', () => {
  const phased = (text: string) =>
    parseBoard(text, board, { implicit: 'phase' }).board.tasks.map((task) => [
      task.id,
      dependencyIds(task).sort().join(' '),
    ])
  assert.equal(phased('## 1. Oven\n\n- [ ] 1.1 a\n\n## 2. Bread\n\n- [ ] 2.1 b\n'), [
    ['1.1', ''],
    ['2.1', '1.1'],
  ])
  assert.equal(phased('## Phase 1\n\n- [ ] a\n  - [ ] b\n  - [ ] c\n- [ ] d\n'), [
    ['a', 'b c'],
    ['b', ''],
    ['c', 'b'],
    ['d', 'a'],
  ])
  const many = [1, 2, 3].map(
    (at) => `## Phase ${at}\n\n${Array.from({ length: 1000 }, (_, row) => `- [ ] T${at}${row} x`).join('\n')}`,
  )
  const tasks = parseBoard(many.join('\n\n'), board, { implicit: 'phase' }).board.tasks
  assert.equal(dependencyIds(tasks.at(-1) as (typeof tasks)[number]), ['T2999', 'T3998'])
})

test('OpenSpec: numbers are ids, and a claim leaves the box that it counts', () => {
  const openspec = fixture('openspec.md')
  assert.equal(rows(openspec), [
    ['1.1', 'Lay the bricks (red, yellow)', 'done', ''],
    ['1.2', 'Raise the chimney', 'available', ''],
    ['2.1', 'Knead', 'available', ''],
    ['2.2', 'Bake', 'available', '1.2 2.1'],
  ])
  assert.equal(changed(openspec, set(openspec, '2.1', 'claimed', 's1')), { removed: '', added: ' (claimed by s1)' })
  assert.equal(
    tasksIn('- [ ] 1.1 a\n- [ ] 3 new recipes\n').map((task) => task.id),
    ['1.1'],
  )
})

test('Kiro: sub-tasks block, optional ones do not, requirements are none, `[-]` is in progress', () => {
  assert.equal(rows(kiro), [
    ['1', 'Set up the kitchen', 'done', ''],
    ['2', 'Build the oven', 'available', '2.1 2.2'],
    ['2.1', 'Lay the bricks', 'done', ''],
    ['2.2', 'Raise the chimney', 'claimed', ''],
    ['2.3', 'Write property tests', 'available', ''],
    ['3', 'Bake', 'claimed', '2 1'],
    ['3.1', 'Taste', 'available', ''],
  ])
  assert.equal(
    tasksIn(kiro).flatMap((task) => (task.filler ? [task.id] : [])),
    ['2.3', '3.1'],
  )
  assert.equal(taskIn(kiro, '2').acceptance, [{ text: 'draw it first', done: false }])
  assert.equal(changed(kiro, set(kiro, '2', 'claimed', 's1')), {
    removed: ' ] 2. Build the oven',
    added: '-] 2. Build the oven (claimed by s1)',
  })
  assert.equal(changed(kiro, set(kiro, '2.3', 'done')), { removed: ' ', added: 'x' })
})

test('Obsidian Tasks: signs and fields give id, dependencies and priority, and its marks their meaning', () => {
  assert.equal(
    tasksIn(obsidian).map((task) => [task.id, task.title, task.status, dependencyIds(task).join(' '), task.priority]),
    [
      ['4ijuhy', 'Build a first draft', 'available', '', 'high'],
      ['test-with-users', 'Test with users', 'available', '4ijuhy', 'medium'],
      ['fly-1', 'Print flyers', 'claimed', '', 'low'],
      ['buy-a-mixer', 'Buy a mixer', 'cancelled', '', undefined],
      ['paint-the-door', 'Paint the door', 'done', '', undefined],
      ['sign', 'Hang the sign', 'available', '4ijuhy fly-1', 'high'],
      ['ask-the-mayor', 'Ask the mayor', 'unknown', '', undefined],
      ['plants', 'Water the plants', 'available', '', undefined],
    ],
  )
  assert.equal(changed(obsidian, set(obsidian, 'test-with-users', 'claimed', 's1')), {
    removed: ' ] #task Test with users ⛔ 4ijuhy 🔼',
    added: '/] #task Test with users (claimed by s1) ⛔ 4ijuhy 🔼 ^test-with-users',
  })
  assert.equal(changed(obsidian, set(obsidian, 'plants', 'cancelled')), { removed: ' ', added: '-' })
})

test('a blocker goes in front of fields and ids, and is lifted without a trace', () => {
  const cases: readonly (readonly [string, string])[] = [
    [plain, 'dough'],
    [plain, 'bricks'],
    [plain, 'raise-the-chimney'],
    [plain, 'bake-bread'],
    [obsidian, '4ijuhy'],
    [kiro, '2.2'],
  ]
  for (const [text, task] of cases) {
    const blocked = addBlocker(text, board, id(task), 'flour from the mill')
    assert.equal(
      taskIn(blocked, task).externalBlockers.map((each) => each.text),
      ['flour from the mill'],
    )
    assert.equal(dependencyIds(taskIn(blocked, task)), dependencyIds(taskIn(text, task)))
    assert.is(removeBlockers(blocked, board, id(task)), text)
  }
})

test.run()
