import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { blockedBy, dependants, progress, readyTasks, unblockedBy } from '../../src/graph/index.ts'
import type { Project, Task, TaskKey } from '../../src/model/index.ts'
import { among, ids, key, orderedProjects, project, seed } from './make.ts'

const diamond = project(['A'], ['B', { needs: ['A'] }], ['C', { needs: ['A'] }], ['D', { needs: ['B', 'C'] }])
const nothing = () => false

function ready(any: Project, done: (asked: TaskKey) => boolean): Task[] {
  return readyTasks(any, (asked) => !done(asked), done)
}

test('a task is ready when all its dependencies are done', () => {
  assert.is(ids(ready(diamond, nothing)), 'A')
  assert.is(ids(ready(diamond, among('A'))), 'B C')
  assert.is(ids(ready(diamond, among('A', 'B'))), 'C')
  assert.is(ids(ready(diamond, among('A', 'B', 'C'))), 'D')
})

test('a dependency that no task carries holds a task back', () => {
  assert.is(ids(ready(project(['A', { needs: ['Z'] }]), nothing)), '')
})

test('an external blocker holds a task back', () => {
  const place = { file: 'a.md', line: 1, column: 1 }
  assert.is(ids(ready(project(['A', { externalBlockers: [{ text: 'legal', place }] }], ['B']), nothing)), 'B')
})

test('what is not open is not ready', () => {
  assert.is(ids(readyTasks(diamond, nothing, among('A'))), '')
})

test('a task is blocked by the dependencies that are not done', () => {
  assert.is(ids(blockedBy(diamond.byKey.get(key('D')) as Task, among('B'))), 'C')
})

test('dependants are the dependencies turned round', () => {
  assert.equal(
    [...dependants(diamond)].map(([task, waiting]) => `${ids([task])}: ${ids(waiting)}`),
    ['A: B C', 'B: D', 'C: D', 'D: '],
  )
})

test('a completion unblocks what waited for it alone', () => {
  assert.is(ids(unblockedBy(diamond, key('A'), nothing)), 'B C')
  assert.is(ids(unblockedBy(diamond, key('B'), among('A'))), '')
  assert.is(ids(unblockedBy(diamond, key('B'), among('A', 'C'))), 'D')
  assert.is(ids(unblockedBy(diamond, key('B'), among('A', 'C', 'D'))), '')
})

test('finishing a task never takes another task out of the ready set, and adds what it unblocks', () => {
  fc.assert(
    fc.property(orderedProjects, fc.nat(), fc.array(fc.nat({ max: 7 })), (any, pick, already) => {
      const done = among(...already.map((number) => `t${number}`))
      const before = ready(any, done)
      const finished = before[pick % Math.max(1, before.length)]
      if (finished === undefined) return
      const after = ids(ready(any, (asked) => asked === finished.key || done(asked))).split(' ')
      const kept = before.filter((task) => task !== finished)
      const expected = [...kept.map((task) => task.key), ...unblockedBy(any, finished.key, done)]
      assert.equal(after.filter(Boolean).sort(), ids(expected).split(' ').filter(Boolean).sort())
    }),
    seed,
  )
})

test('progress counts each status and all of them', () => {
  const totals = progress(['done', 'done', 'ready', 'paused'])
  assert.is(totals.done, 2)
  assert.is(totals.ready, 1)
  assert.is(totals.paused, 1)
  assert.is(totals.blocked, 0)
  assert.is(totals.total, 4)
})

test.run()
