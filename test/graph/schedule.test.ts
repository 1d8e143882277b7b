import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dependants, schedule } from '../../src/graph/index.ts'
import type { Project, TaskKey } from '../../src/model/index.ts'
import { among, ids, key, orderedProjects, project, seed } from './make.ts'

const nothing = () => false
const plan = project(
  ['A', { estimateMinutes: 30 }],
  ['B', { needs: ['A'], estimateMinutes: 120 }],
  ['C', { needs: ['A'] }],
  ['D', { needs: ['B', 'C'], estimateMinutes: 10 }],
)

test('the critical path is the longest chain, and all beside it has slack', () => {
  const { criticalPath, totalMinutes, remainingMinutes, slackMinutes } = schedule(plan, nothing)
  assert.is(ids(criticalPath), 'A B D')
  assert.is(totalMinutes, 160)
  assert.is(remainingMinutes.get(key('C')), 70)
  assert.is(slackMinutes.get(key('C')), 60)
  assert.is(slackMinutes.get(key('B')), 0)
})

test('what is done or cancelled takes no time and stands in no map', () => {
  const rest = schedule(plan, among('A', 'B'))
  assert.is(ids(rest.criticalPath), 'C D')
  assert.is(rest.remainingMinutes.has(key('A')), false)
  const cancelled = project(['A', { status: 'cancelled' }], ['B', { needs: ['A'] }])
  assert.is(schedule(cancelled, nothing).totalMinutes, 60)
})

test('tasks on a cycle and behind one are left out', () => {
  const tangled = project(['A', { needs: ['B'] }], ['B', { needs: ['A'] }], ['C', { needs: ['B'] }], ['D'])
  assert.equal([...schedule(tangled, nothing).remainingMinutes], [[key('D'), 60]])
  assert.is(ids(schedule(tangled, among('A')).criticalPath), 'B C')
})

test('fillers are no part of the critical path, unless a task waits for them or nothing else is left', () => {
  const long = { filler: true, estimateMinutes: 600 }
  const mixed = project(['A'], ['F1', { ...long, needs: ['A'] }], ['F2', long], ['B', { needs: ['A'] }])
  const { criticalPath, totalMinutes, slackMinutes, remainingMinutes } = schedule(mixed, nothing)
  assert.is(ids(criticalPath), 'A B')
  assert.is(totalMinutes, 120)
  assert.is(slackMinutes.has(key('F2')), false)
  assert.is(remainingMinutes.get(key('F2')), 600)
  assert.is(ids(schedule(project(['F', long], ['A', { needs: ['F'] }]), nothing).criticalPath), 'F A')
  assert.is(ids(schedule(mixed, among('A', 'B')).criticalPath), 'F1')
})

test('an estimate that is no amount of time counts as the default', () => {
  const odd = project(
    ['A', { estimateMinutes: -5 }],
    ['B', { estimateMinutes: Number.NaN }],
    ['C', { estimateMinutes: 0 }],
  )
  assert.equal([...schedule(odd, nothing, 15).ownMinutes.values()], [15, 15, 0])
})

test('nothing left is a path of no tasks', () => {
  const { criticalPath, totalMinutes } = schedule(plan, () => true)
  assert.equal(criticalPath, [])
  assert.is(totalMinutes, 0)
})

test('remaining time, total and slack equal a search through all chains', () => {
  fc.assert(
    fc.property(orderedProjects, (any) => {
      const { remainingMinutes, criticalPath, totalMinutes, slackMinutes, ownMinutes } = schedule(any, nothing)
      const paths = allPaths(any)
      const length = (path: readonly TaskKey[]) => path.reduce((sum, task) => sum + (ownMinutes.get(task) ?? 0), 0)
      const longest = (some: readonly TaskKey[][]) => Math.max(0, ...some.map(length))
      const counted = paths.filter((path) => path.every((task) => slackMinutes.has(task)))
      assert.is(totalMinutes, longest(counted))
      assert.is(length(criticalPath), totalMinutes)
      for (const [task, slack] of slackMinutes) {
        const through = counted.filter((path) => path.includes(task))
        assert.is(slack, totalMinutes - longest(through))
        assert.is(remainingMinutes.get(task), longest(counted.filter((path) => path[0] === task)))
      }
      for (const task of criticalPath) assert.is(slackMinutes.get(task), 0)
    }),
    seed,
  )
})

/** Every chain along the dependants, from every task. */
function allPaths(any: Project): TaskKey[][] {
  const next = dependants(any)
  const from = (task: TaskKey): TaskKey[][] => [
    [task],
    ...(next.get(task) ?? []).flatMap((after) => from(after).map((path) => [task, ...path])),
  ]
  return any.tasks.flatMap((task) => from(task.key))
}

test.run()
