import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../src/board/index.ts'
import { type BoardTask, toBoardName } from '../../src/model/index.ts'

const corpus = new URL('../../../shared/corpus/', import.meta.url)
const real = existsSync(corpus) ? test : test.skip
if (!existsSync(corpus)) console.log('skipped: the folder with real boards is not there')

function tasksOf(file: string): readonly BoardTask[] {
  return parseBoard(readFileSync(new URL(file, corpus), 'utf8'), toBoardName(file)).board.tasks
}

const group = (prefix: string, last: number) => Array.from({ length: last }, (_, at) => `${prefix}.${at + 1}`)
const WANTED: Record<string, string[]> = {
  'P0.1.1': [],
  'P0.1.2': ['P0.1.1'],
  'P0.1.3': ['P0.1.1'],
  'P0.1.4': ['P0.1.2', 'P0.1.3'],
  'P0.1.5': group('P0.1', 4),
  'P0.1.6': ['P0.1.1'],
  'P0.1.7': ['P0.1.1'],
  'P0.2.1': [],
  'P0.2.2': ['P0.2.1'],
  'P0.2.3': [],
  'P0.2.4': ['P0.2.3'],
  'P0.2.5': ['P0.2.2', 'P0.2.3'],
  'P0.2.6': group('P0.2', 5),
  'P0.3.1': [],
  'P0.3.2': ['P0.3.1'],
  'P0.3.3': ['P0.3.1'],
  'P0.3.4': ['P0.3.2'],
  'P0.3.5': ['P0.3.4'],
  'P0.3.6': group('P0.3', 5),
  'P0.4.1': [],
  'P0.4.2': ['P0.2.3'],
  'P0.4.3': [],
  'P0.4.4': ['P0.1.2'],
  'P0.5.1': ['P0.1.5'],
  'P0.5.2': ['P0.2.6'],
  'P0.5.3': ['P0.3.6'],
  'P0.5.4': ['P0.1.5'],
  'P0.5.5': [...group('P0.1', 7), ...group('P0.2', 6), ...group('P0.3', 6), ...group('P0.4', 4)],
}

real('the board of the seven sessions has 28 P0 tasks and 28 fillers, and nothing else', () => {
  const tasks = tasksOf('s2-PHASE-0-TASK-BOARD.md')
  assert.is(tasks.length, 56)
  assert.is(tasks.filter((task) => task.filler).length, 28)
  assert.equal(
    tasks.filter((task) => !task.filler).map((task) => task.id),
    Object.keys(WANTED),
  )
})

real('every P0 task has the dependencies that a reader sees', () => {
  const tasks = tasksOf('s2-PHASE-0-TASK-BOARD.md').filter((task) => !task.filler)
  for (const task of tasks) {
    assert.equal(
      task.dependencies.map((dependency) => dependency.id),
      WANTED[task.id],
      task.id,
    )
    assert.equal(task.externalBlockers, [], task.id)
  }
})

real('a detail section gives its acceptance items to the row, and a filler section its session', () => {
  const tasks = tasksOf('s2-PHASE-0-TASK-BOARD.md')
  const first = tasks.find((task) => task.id === 'P0.1.1')
  assert.is(first?.acceptance.length, 6)
  assert.match(first?.description ?? '', 'Create event bus infrastructure')
  assert.is(first?.estimateMinutes, 60)
  assert.is(first?.model, 'Haiku')
  assert.is(first?.deliverable, '/home/user/infrafabric/infrafabric/event_bus.py')
  assert.is(tasks.find((task) => task.id === 'F4.2')?.assigned, 'Session 4 (SIP)')
})

real('the filler catalog has 139 tasks, all of them fillers', () => {
  const tasks = tasksOf('s2-FILLER-TASK-CATALOG.md')
  assert.is(tasks.length, 139)
  assert.ok(tasks.every((task) => task.filler && task.estimateMinutes !== undefined && task.priority !== undefined))
  assert.ok(tasks.every((task) => task.model === 'Haiku' || task.model === 'Sonnet'))
  assert.is(tasks.find((task) => task.id === 'F1.20')?.assigned, 'Session 1 (NDI - Witness Streaming)')
  assert.is(tasks.find((task) => task.id === 'U.70')?.assigned, undefined)
})

real('the spec-kit template has 28 numbered tasks in their order, and two dependencies', () => {
  const tasks = tasksOf('speckit-template.md')
  assert.equal(
    tasks.map((task) => task.id),
    Array.from({ length: 28 }, (_, at) => `T${String(at + 1).padStart(3, '0')}`),
  )
  assert.equal(
    tasks.flatMap((task) => task.dependencies.map(({ id }) => [task.id, id])),
    [
      ['T014', 'T012'],
      ['T014', 'T013'],
    ],
  )
  assert.ok(tasks.every(({ status, externalBlockers }) => status === 'available' && externalBlockers.length === 0))
})

real('the OpenSpec change has its 22 numbered tasks, all open and without dependencies', () => {
  const tasks = tasksOf('openspec-stacking.md')
  const counts = [3, 5, 3, 5, 4, 2]
  assert.equal(
    tasks.map((task) => task.id),
    counts.flatMap((count, at) => group(`${at + 1}`, count)),
  )
  assert.ok(tasks.every((task) => task.status === 'available' && task.dependencies.length === 0))
})

real('the Obsidian note has two tasks; what stands in its query blocks is none', () => {
  assert.equal(
    tasksOf('obsidian-dependencies.md').map((task) => [task.id, task.title, task.status]),
    [
      ['build-a-first-draft', 'Build a first draft', 'available'],
      ['test-with-users', 'Test with users', 'available'],
    ],
  )
})

for (const file of ['s2-AUTONOMOUS-NEXT-TASKS.md', 's2-SESSION-STATUS.md'])
  real(`${file} has no task in a native dialect`, () => assert.is(tasksOf(file).length, 0))

test.run()
