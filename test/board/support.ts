import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parseBoard } from '../../src/board/index.ts'
import { type BoardName, type BoardTask, type TaskId, toBoardName, toTaskId } from '../../src/model/index.ts'
import { isFull } from '../support/claims.ts'

/** Real boards beside the repository; tests on them are skipped where they are not. */
export const corpus = new URL('../../../shared/corpus/', import.meta.url)
export const hasCorpus = existsSync(corpus)

export const board = toBoardName('board.md')

export function id(text: string): TaskId {
  return toTaskId(text)
}

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
}

/** Every board text there is: fixtures, and the corpus where it is. */
export function boardTexts(): [string, string][] {
  const folders = [new URL('fixtures/', import.meta.url), ...(hasCorpus ? [corpus] : [])]
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name): [string, string] => [name, readFileSync(new URL(name, folder), 'utf8')]),
  )
}

export function tasksIn(text: string, name: BoardName = board): readonly BoardTask[] {
  return parseBoard(text, name).board.tasks
}

export function taskIn(text: string, wanted: string): BoardTask {
  const found = tasksIn(text).find((task) => task.id === wanted)
  if (found === undefined) throw new Error(`no task ${wanted}`)
  return found
}

export function dependencyIds(task: BoardTask): string[] {
  return task.dependencies.map((dependency) => dependency.id)
}

/** What an edit did: the part before and after that differs, shared head and tail left out. */
export function changed(old: string, text: string): { removed: string; added: string } {
  const before = [...old]
  const after = [...text]
  let head = 0
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  const middle = (characters: string[]) => characters.slice(head, characters.length - tail).join('')
  return { removed: middle(before), added: middle(after) }
}

export function changedLines(before: string, after: string): string[] {
  const old = before.split('\n')
  return after.split('\n').filter((line, at) => line !== old[at])
}

/** How long and from which seed properties run; both can be set from outside. Properties multiply `numRuns`. */
export const runs = {
  numRuns: Number(process.env.IF_BOARD_RUNS ?? (isFull ? 60 : 30)),
  ...(process.env.IF_BOARD_SEED === undefined ? {} : { seed: Number(process.env.IF_BOARD_SEED) }),
}
