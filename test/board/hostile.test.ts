import { spawn } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBoard, parseBoard, setStatuses } from '../../src/board/index.ts'
import { seed } from '../support/clones.ts'
import { programArgs } from '../support/program.ts'
import { sampled } from '../support/sampled.ts'
import { BOARDS_NOW, HOSTILE_BOARDS } from './hostile/boards.ts'
import { FILES_NOW, HOSTILE_FILES } from './hostile/outside.ts'
import { type Answer, WITHIN_MIB, WITHIN_MS } from './hostile/report.ts'
import { board, id, tasksIn } from './support.ts'

/** Milliseconds, generous because other work may share the machine. */
const SOON = 10_000
const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

interface Report {
  readonly answers: readonly Answer[]
  readonly maxRssMib: number
  /** How the process ended, where it did not end well. */
  readonly trouble: string
}

/** All cases of a table in one process, which a case that hangs or crashes takes along. */
function report(table: 'boards' | 'files'): Promise<Report> {
  const args = ['--max-old-space-size=256', ...programArgs('board/hostile/process'), table]
  // It draws the same cases.
  const env = { ...process.env, IF_BOARD_SEED: String(seed) }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 170_000 })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors = `${errors}${chunk}`.slice(-2000)))
  return new Promise((resolve) =>
    child.on('close', (status, signal) => {
      const read = output
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Answer | { maxRssMib: number })
      const answers = read.filter((line): line is Answer => 'answer' in line)
      const maxRssMib = read.flatMap((line) => ('maxRssMib' in line ? line.maxRssMib : []))[0] ?? Number.NaN
      resolve({ answers, maxRssMib, trouble: status === 0 ? '' : `${status ?? signal} ${errors}` })
    }),
  )
}

const reports = { boards: report('boards'), files: report('files') }

async function answerOf(table: keyof typeof reports, name: string): Promise<Answer> {
  const { answers, trouble } = await reports[table]
  const found = answers.find((answer) => answer.name === name)
  if (found === undefined) throw new Error(`no answer, after “${answers.at(-1)?.name ?? 'nothing'}”: ${trouble}`)
  assert.ok(found.cpuMs <= WITHIN_MS, `${found.cpuMs} ms`)
  return found
}

test('the table has the 60 boards that the issue asks for, each once', () => {
  assert.ok(HOSTILE_BOARDS.length >= 60)
  for (const table of [HOSTILE_BOARDS, HOSTILE_FILES])
    assert.is(new Set(table.map(({ name }) => name)).size, table.length)
})

for (const { name, tasks, code } of BOARDS_NOW)
  test(`${name}: ${code ?? 'harmless'}, ${tasks === 0 ? 'no task' : `${tasks} tasks`}, in time`, async () => {
    const { answer } = await answerOf('boards', name)
    assert.match(answer, new RegExp(`^${tasks} tasks, `))
    if (code !== undefined) assert.ok(answer.includes(code), answer)
  })

for (const { name, answers } of FILES_NOW)
  test(`${name}: a clear answer, in time`, async () => assert.match((await answerOf('files', name)).answer, answers))

for (const table of ['boards', 'files'] as const)
  test(`all hostile ${table} together fit into ${WITHIN_MIB} MiB`, async () => {
    const { maxRssMib, trouble } = await reports[table]
    assert.ok(maxRssMib <= WITHIN_MIB, `${maxRssMib} MiB ${trouble}`)
  })

test('10,000 list items are read soon: flat, nested, under one parent, and all of one title', () => {
  const texts = [
    lines(10_000, (at) => `- [ ] Task ${at} @ann (1h) ^t${at}`),
    lines(10_000, (at) => `${'  '.repeat(at % 5)}- [ ] Task ${at}`),
    `- [ ] All\n${lines(3000, (at) => `  - [ ] Task ${at}`)}`,
    lines(10_000, () => '- [ ] The same'),
    `## Todo\n${lines(5000, (at) => `- Task ${at}`)}\n## Done\n${lines(5000, (at) => `- Past ${at}`)}`,
  ]
  for (const text of sampled(texts, 2)) {
    // Time of the processor: these are long texts, and other work may share the machine.
    const before = process.cpuUsage()
    assert.ok(tasksIn(text).length > 3000)
    assert.ok(process.cpuUsage(before).user / 1000 < SOON)
  }
})

test('a line over a limit hides no other row', () => {
  const text = `| ID | Task |\n|-|-|\n| A1 | a |\n| A2 | ${'!'.repeat(300)} |\n| A3 | c |\n`
  assert.equal(
    tasksIn(text).map((task) => task.id),
    ['A1', 'A3'],
  )
})

test('10,000 rows that all say `All above` stay bounded, and none is released early', () => {
  const rows = lines(10_000, (at) => `| P0.${at} | Task ${at} | AVAILABLE | All above |`)
  const tasks = tasksIn(`| ID | Task | Status | Dependencies |\n|-|-|-|-|\n${rows}\n`)
  assert.is(tasks.length, 10_000)
  assert.ok(tasks.slice(1).every((task) => task.dependencies.length + task.externalBlockers.length > 0))
})

test('ids that mean something to a program are only names', () => {
  const text =
    '| ID | Task | Deps |\n|-|-|-|\n| __proto__ | a | |\n| .. | b | __proto__ |\n| -x | c | .. |\n| constructor | d | -x |\n'
  const tasks = tasksIn(text)
  assert.equal(
    tasks.map((task) => [task.id, task.dependencies.map((each) => each.id)]),
    [
      ['__proto__', []],
      ['..', ['__proto__']],
      ['-x', ['..']],
      ['constructor', ['-x']],
    ],
  )
  assert.match(
    setStatuses(text, board, [{ id: id('__proto__'), status: 'done' }]).text,
    '| __proto__ | a | | COMPLETED |',
  )
})

test('control characters and escape sequences never reach a title, and spoil an id', () => {
  const text = '| ID | Task |\n|-|-|\n| A1 | \u001b[31mred\u202e\u0007 |\n| A\u001b2 | b |\n'
  const { board: found, diagnostics } = parseBoard(text, board)
  assert.equal(
    found.tasks.map((task) => [task.id, task.title]),
    [['A1', '[31mred']],
  )
  assert.equal(
    diagnostics.map(({ code, line }) => [code, line]),
    [['board/invalid-id', 4]],
  )
  assert.not.match(JSON.stringify([found, diagnostics]), /\\u001b|\\u202e|\\u0007/)
})

test('bytes that are no text are refused before anything reads them', () => {
  const read = (bytes: number[]) => decodeBoard(Uint8Array.from(bytes), board)
  assert.equal(read([0xef, 0xbb, 0xbf, 0x61]), { text: '\ufeffa' })
  for (const bytes of [
    [0x61, 0x0a, 0x00],
    [0xff, 0xfe, 0x61],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
  ]) {
    const found = read(bytes)
    assert.is('diagnostic' in found ? found.diagnostic.code : '', 'board/not-text')
  }
  const large = decodeBoard(new Uint8Array(8 * 1024 * 1024 + 1).fill(0x61), board)
  assert.is('diagnostic' in large ? large.diagnostic.code : '', 'board/too-large')
})

test.run()
