import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cycleDiagnostics, findCycles, schedule, toMermaid, topologicalOrder } from '../../src/graph/index.ts'
import type { Project, TaskKey } from '../../src/model/index.ts'
import { ids, orderedProjects, project, seed, tangledProjects } from './make.ts'

test('a chain that stands upside down on the board is put in order', () => {
  const { order, cyclic } = topologicalOrder(project(['C', { needs: ['B'] }], ['B', { needs: ['A'] }], ['A']))
  assert.is(ids(order), 'A B C')
  assert.equal(cyclic, [])
})

test('what is on a cycle or behind one has no place in the order', () => {
  const tangled = project(['A', { needs: ['B'] }], ['B', { needs: ['A'] }], ['C', { needs: ['B', 'D'] }], ['D'])
  assert.is(ids(topologicalOrder(tangled).order), 'D')
  assert.is(ids(topologicalOrder(tangled).cyclic), 'A B C')
})

test('a cycle comes with its path, from its first task on the board along the dependencies', () => {
  const tangled = project(
    ['X'],
    ['A', { needs: ['X', 'C'] }],
    ['B', { needs: ['A'] }],
    ['C', { needs: ['D', 'B'] }],
    ['D', { needs: ['B'] }],
    ['E', { needs: ['F'] }],
    ['F', { needs: ['E', 'A'] }],
  )
  assert.equal(findCycles(tangled).map(ids), ['A C B', 'E F'])
  const [first] = cycleDiagnostics(tangled)
  assert.is(first?.code, 'board/cycle')
  assert.is(first?.line, 2)
  assert.is(first?.message, '3 tasks wait for each other: `A` → `C` → `B` → `A`')
})

test('a long cycle is named by its beginning', () => {
  const size = 30
  const ring = project(...Array.from({ length: size }, (_, n) => [`t${n}`, { needs: [`t${(n + 1) % size}`] }] as const))
  assert.is(findCycles(ring)[0]?.length, size)
  assert.match(cycleDiagnostics(ring)[0]?.message ?? '', /^30 tasks wait for each other: `t0`.*`t7` → … → `t0`$/)
})

test('every task comes after its dependencies', () => {
  fc.assert(
    fc.property(orderedProjects, (any) => {
      const { order, cyclic } = topologicalOrder(any)
      const position = new Map(order.map((key, index) => [key, index]))
      return (
        cyclic.length === 0 &&
        position.size === any.tasks.length &&
        any.tasks.every((task) =>
          task.dependencies.every((key) => (position.get(key) ?? Infinity) < (position.get(task.key) ?? -1)),
        )
      )
    }),
    seed,
  )
})

test('cycles are found exactly when a plain search finds one, and each path holds', () => {
  fc.assert(
    fc.property(tangledProjects, (any) => {
      const cycles = findCycles(any)
      assert.is(cycles.length > 0, hasCycle(any))
      assert.is(cycles.length > 0, topologicalOrder(any).cyclic.length > 0)
      for (const path of cycles) {
        assert.is(new Set(path).size, path.length)
        path.forEach((key, index) => {
          const next = path[(index + 1) % path.length] as TaskKey
          assert.ok(any.byKey.get(key)?.dependencies.includes(next))
        })
      }
    }),
    seed,
  )
})

test('100,000 tasks in one chain or one ring are walked without overflow', () => {
  const size = 100_000
  const chain = (last: readonly string[]) =>
    project(...Array.from({ length: size }, (_, n) => [`t${n}`, { needs: n === 0 ? last : [`t${n - 1}`] }] as const))
  const open = chain([])
  assert.is(topologicalOrder(open).order.length, size)
  assert.is(findCycles(open).length, 0)
  assert.is(schedule(open, () => false, 1).totalMinutes, size)
  assert.ok(toMermaid(open, () => 'ready').length > size)
  assert.is(findCycles(chain([`t${size - 1}`]))[0]?.length, size)
})

function hasCycle(any: Project): boolean {
  const returnsTo = (start: TaskKey, from: TaskKey, seen: Set<TaskKey>): boolean =>
    (any.byKey.get(from)?.dependencies ?? []).some((next) => {
      if (next === start) return true
      if (seen.has(next)) return false
      seen.add(next)
      return returnsTo(start, next, seen)
    })
  return any.tasks.some((task) => returnsTo(task.key, task.key, new Set()))
}

test.run()
