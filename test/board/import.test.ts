import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ImportFormat, newBoard, parseBoard, readImport, rowsFor } from '../../src/board/index.ts'
import { board, dependencyIds } from './support.ts'

const codes = ({ diagnostics }: ReturnType<typeof readImport>) => diagnostics.map(({ code }) => code)

/** What a board of these tasks says: `id status title <- dependencies`. */
function lines(text: string, file: string, format?: ImportFormat): string[] {
  const rows = rowsFor(readImport(text, file, format).tasks, { known: new Set(), taken: [] })
  return parseBoard(newBoard(rows), board).board.tasks.map((task) =>
    [
      task.id,
      task.status,
      task.title,
      ...dependencyIds(task).map((id) => `<${id}`),
      ...task.externalBlockers.map(({ text: words }) => `!${words}`),
    ].join(' '),
  )
}

const TASKS = {
  tasks: [
    { id: 1, title: 'Read the settings', status: 'done', dependencies: [], priority: 'high' },
    {
      id: 2,
      title: 'Show a | list',
      description: 'In two\ncolumns',
      details: 'Wide first.',
      testStrategy: 'Look at it.',
      status: 'in-progress',
      dependencies: [1],
      subtasks: [
        { id: 1, title: 'Measure', status: 'done', dependencies: [] },
        { id: 2, title: 'Draw', status: 'pending', dependencies: [1, '1'] },
        { id: 3, title: 'Tidy', status: 'pending', dependencies: ['2.2'] },
      ],
    },
    { id: 3, title: 'Sell', status: 'deferred', dependencies: ['2', 9], complexityScore: 4 },
  ],
}

test('Task Master: a task waits for its subtasks, and a bare number among these is a sibling', () => {
  assert.equal(lines(JSON.stringify(TASKS), 'tasks.json'), [
    '1 done Read the settings',
    '2 claimed Show a | list <1 <2.1 <2.2 <2.3',
    '2.1 done Measure <1',
    '2.2 available Draw <1 <2.1',
    '2.3 available Tidy <1 <2.2',
    '3 paused Sell <2 !9',
  ])
  const reading = readImport(JSON.stringify(TASKS), 'tasks.json', undefined)
  assert.is(reading.tasks[1]?.description, 'In two\ncolumns\nWide first.\nTest: Look at it.')
  assert.match(reading.diagnostics.map(({ message }) => message).join(), '`complexityScore`, once')
})

test('Task Master with tags: those of `master` keep their ids, the others carry their tag', () => {
  const tagged = { 'new look': { tasks: [{ id: 1, title: 'Paint', dependencies: [] }] }, master: TASKS }
  const found = lines(JSON.stringify(tagged), 'tasks.json')
  assert.is(found[0], '1 done Read the settings')
  assert.is(found.at(-1), 'new-look.1 available Paint')
})

test('beads: only what blocks becomes a dependency, and what is left behind is told', () => {
  const issue = (id: string, more: object) =>
    JSON.stringify({ id, title: `Do ${id}`, status: 'open', priority: 2, ...more })
  const edge = (to: string, type: string) => ({ issue_id: 'x', depends_on_id: to, type })
  const text = [
    issue('bd-a1', { status: 'closed', issue_type: 'bug' }),
    issue('bd-b2', {
      dependencies: [edge('bd-a1', 'blocks'), edge('bd-c3', 'discovered-from')],
      estimated_minutes: 90,
    }),
    issue('bd-c3', { status: 'in_progress', assignee: 'ann', priority: 0 }),
    issue('bd-c3.1', { status: 'blocked', dependencies: [edge('bd-c3', 'parent-child')] }),
    issue('bd-d4', { status: 'blocked', dependencies: [edge('bd-b2', 'waits-for')] }),
    issue('bd-e5', { status: 'tombstone' }),
    '{"_type":"memory","key":"k","value":"v"}',
    '{broken',
  ].join('\r\n')
  assert.equal(lines(text, 'issues.jsonl'), [
    'bd-a1 done Do bd-a1',
    'bd-b2 available Do bd-b2 <bd-a1',
    'bd-c3 claimed Do bd-c3',
    'bd-c3.1 paused Do bd-c3.1',
    'bd-d4 available Do bd-d4 <bd-b2',
  ])
  const reading = readImport(text, 'issues.jsonl', undefined)
  assert.equal(codes(reading).sort(), ['import/deleted', ...Array(4).fill('import/no-place'), 'import/not-understood'])
  assert.is(reading.diagnostics.find(({ code }) => code === 'import/not-understood')?.line, 8)
  assert.equal(
    [reading.tasks[1]?.estimate, reading.tasks[2]?.priority, reading.tasks[2]?.owner],
    ['90m', 'high', 'ann'],
  )
})

test('todo.txt: days are told of, keys become cells, projects and contexts stay words', () => {
  const text = [
    '(A) 2031-03-01 Call the baker +Shop @phone id:call',
    'x 2031-03-02 2031-03-01 Buy flour pri:B',
    'Bake at 20:15 dep:call,T9 due:2031-04-01',
    '(A) x is no done line',
    '',
  ].join('\n')
  assert.equal(lines(text, 'todo.txt'), [
    'call available Call the baker +Shop @phone',
    'T1 done Buy flour',
    'T2 available Bake at 20:15 <call !T9',
    'T3 available x is no done line',
  ])
  const { tasks, diagnostics } = readImport(text, 'todo.txt', undefined)
  assert.equal(
    tasks.map(({ priority, description }) => [priority, description]),
    [
      ['high', undefined],
      ['medium', undefined],
      [undefined, 'Due: 2031-04-01'],
      ['high', undefined],
    ],
  )
  assert.match(diagnostics[0]?.message ?? '', 'a day of creation or completion, 3 times')
})

test('GitHub task lists: numbers are ids, a nested item comes before the one around it', () => {
  const text = [
    '- [ ] #10 Ship it',
    '  - [x] https://github.com/acme/shop/issues/11 - Test',
    '  - [ ] acme/tools#7: Pack',
    '- [ ] Tell people',
    '- [ ] #12',
    '```',
    '- [ ] #99 an example',
    '```',
  ].join('\n')
  assert.equal(lines(text, 'PLAN.md'), [
    '#10 available Ship it <#11 <acme/tools#7',
    '#11 done Test',
    'acme/tools#7 available Pack',
    'T1 available Tell people',
    '#12 available Issue #12',
  ])
})

test('GitHub issues as JSON: an issue waits for its open task list and for what its text names', () => {
  const issues = [
    {
      number: 1,
      title: 'Plan',
      state: 'OPEN',
      body: '- [ ] #2\n- [x] #3\nBlocked by: #4, #5',
      labels: [],
      assignees: [],
    },
    {
      number: 2,
      title: 'Dig',
      state: 'OPEN',
      body: '',
      labels: [{ name: 'priority: high' }],
      assignees: [{ login: 'ann' }, { login: 'ben' }],
    },
    { number: 4, title: 'Ask', state: 'CLOSED', stateReason: 'NOT_PLANNED', body: null },
    { number: 5, title: 'Pay', state: 'CLOSED', body: null },
  ]
  assert.equal(lines(JSON.stringify(issues), 'issues.json'), [
    '#1 available Plan <#2 <#4 <#5',
    '#2 available Dig',
    '#4 cancelled Ask',
    '#5 done Pay',
  ])
  const { tasks } = readImport(JSON.stringify(issues), 'issues.json', undefined)
  assert.equal([tasks[1]?.owner, tasks[1]?.priority, tasks[1]?.description], ['ann', 'high', 'Labels: priority: high'])
})

test('every value of a file comes out of the board’s cells as it went in', () => {
  const title = 'a | b `c|d` \\ <br> [x](y)'
  const tasks = [{ id: 7, title, status: 'pending', dependencies: [], description: 'one\n\n| two |' }]
  const [row] = rowsFor(readImport(JSON.stringify({ tasks }), 't.json', undefined).tasks, {
    known: new Set(),
    taken: [],
  })
  const [task, ...more] = parseBoard(newBoard(row === undefined ? [] : [row]), board).board.tasks
  assert.is(more.length, 0)
  assert.is(task?.title, 'a | b c|d \\ x')
  assert.is(task?.description, 'one | two |')
})

const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
const HOSTILE: readonly (readonly [string, string, ImportFormat | undefined])[] = [
  ['nothing', '', 'beads'],
  ['no JSON', '{', 'task-master'],
  ['deep JSON', deep, 'github'],
  ['deep in a record', `{"tasks":${deep}}`, 'task-master'],
  ['a prototype', '{"__proto__":{"tasks":[{"id":1,"title":"x"}]},"tasks":[{"__proto__":{"id":1}}]}', 'task-master'],
  ['a constructor', '{"id":"constructor","title":"__proto__","dependencies":["toString"]}', 'beads'],
  [
    'odd types',
    '{"tasks":[null,1,"a",[],{"id":{}},{"id":1,"title":[],"dependencies":"x","subtasks":{}}]}',
    'task-master',
  ],
  ['big numbers', '{"tasks":[{"id":1e400,"title":"x"},{"id":-0.5,"title":"y"}]}', 'task-master'],
  ['signs that a terminal obeys', '{"id":"a\\u001b[31m","title":"\\u202e\\u0000b"}', 'beads'],
  ['one long line', `x ${'+a '.repeat(500_000)}`, 'todo.txt'],
  ['a million tasks', 'a\n'.repeat(1_000_000), 'todo.txt'],
  ['over 8 MiB', 'a'.repeat(9 * 1024 * 1024), 'todo.txt'],
  ['quotes', `${'>'.repeat(20_000)} - [ ] #1 x`, 'github'],
  ['a list of nothing', '[[[]]]', 'github'],
  ['references', `- [ ] ${'a/'.repeat(20_000)}#1 x\n- [ ] #1 y\n- [ ] #1 z`, 'github'],
]

for (const [name, text, format] of HOSTILE)
  test(`a hostile file is read in a moment or refused: ${name}`, () => {
    const before = process.cpuUsage()
    const reading = readImport(text, 'hostile', format)
    const rows = rowsFor(reading.tasks, { known: new Set(), taken: [] })
    // Of the processor, which other tests use at the same time.
    const { user, system } = process.cpuUsage(before)
    assert.ok(user + system < 2_000_000, `${user + system} µs`)
    assert.ok(reading.tasks.length > 0 || reading.diagnostics.length > 0)
    assert.ok(reading.diagnostics.length < 300)
    const few = rows.slice(0, 100)
    const read = parseBoard(newBoard(few), board).board.tasks
    assert.equal(
      read.map(({ id }) => id),
      few.map(({ id }) => id),
    )
  })

test('what looks like nothing known is refused with the formats that are', () => {
  const [found] = readImport('hello', 'notes.rst', undefined).diagnostics
  assert.is(found?.code, 'import/not-understood')
  assert.match(found?.hint ?? '', 'task-master, beads, todo.txt, github')
})

test.run()
