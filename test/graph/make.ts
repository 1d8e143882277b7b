import fc from 'fast-check'
import { linkBoards } from '../../src/graph/index.ts'
import {
  type BoardTask,
  type ParsedBoard,
  type Project,
  type TaskId,
  type TaskKey,
  taskKey,
  toBoardName,
  toTaskId,
} from '../../src/model/index.ts'

export const seed = { seed: Number(process.env.IF_BOARD_SEED ?? 20260101) }

type Facts = Partial<Omit<BoardTask, 'dependencies'>> & { readonly needs?: readonly string[] }

/** A board from `{ id: facts }`; task n stands on line n + 1, its dependencies at column 20. */
export function parsed(tasks: readonly (readonly [string, Facts?])[], file = 'a.md'): ParsedBoard {
  const board = toBoardName(file)
  return {
    board: {
      name: board,
      title: undefined,
      paused: undefined,
      tasks: tasks.map(([id, facts = {}], index) => boardTask(toTaskId(id), index + 1, file, facts)),
    },
    diagnostics: [],
  }
}

export function project(...tasks: readonly (readonly [string, Facts?])[]): Project {
  return linkBoards([parsed(tasks)])
}

export function key(id: string, board = 'a.md'): TaskKey {
  return taskKey(toBoardName(board), id as TaskId)
}

/** Ids of keys or tasks, joined by spaces. */
export function ids(items: readonly (TaskKey | { readonly key: TaskKey })[]): string {
  return items.map((item) => (typeof item === 'string' ? item : item.key).replace(/^a\.md:/, '')).join(' ')
}

/** Is this key one of these ids of the board `a.md`? */
export function among(...names: readonly string[]): (asked: TaskKey) => boolean {
  const keys = new Set(names.map((name) => key(name)))
  return (asked) => keys.has(asked)
}

/** Up to eight tasks `t0`, `t1`, … with any dependencies between them, cycles included. */
export const tangledProjects = projects(() => true)

/** The same without cycles: the board order is shuffled, dependencies point to smaller numbers. */
export const orderedProjects = projects((from, to) => to < from)

function projects(mayDepend: (from: number, to: number) => boolean): fc.Arbitrary<Project> {
  return fc.integer({ min: 1, max: 8 }).chain((count) => {
    const numbers = Array.from({ length: count }, (_, number) => number)
    const facts = fc.record({
      edges: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
      estimateMinutes: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
      filler: fc.boolean(),
    })
    return fc
      .tuple(
        fc.shuffledSubarray(numbers, { minLength: count }),
        fc.array(facts, { minLength: count, maxLength: count }),
      )
      .map(([shuffled, all]) =>
        project(
          ...shuffled.map((number) => {
            const { edges = [], estimateMinutes, filler = false } = all[number] ?? {}
            const needs = numbers.filter((to) => to !== number && edges[to] && mayDepend(number, to))
            return [`t${number}`, { needs: needs.map((to) => `t${to}`), estimateMinutes, filler }] as const
          }),
        ),
      )
  })
}

function boardTask(id: TaskId, line: number, file: string, { needs = [], ...facts }: Facts): BoardTask {
  const board = toBoardName(file)
  return {
    key: taskKey(board, id),
    id,
    board,
    title: `Title of ${id}`,
    description: undefined,
    status: 'available',
    statusText: '',
    statusNote: undefined,
    owner: undefined,
    assigned: undefined,
    externalBlockers: [],
    deliverable: undefined,
    estimateMinutes: undefined,
    model: undefined,
    priority: undefined,
    capabilities: [],
    budgetUsd: undefined,
    check: undefined,
    run: undefined,
    acceptance: [],
    section: undefined,
    filler: false,
    place: { file, line, column: 1 },
    dependencies: needs.map((need) => ({ id: toTaskId(need), place: { file, line, column: 20 } })),
    ...facts,
  }
}
