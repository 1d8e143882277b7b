/** Two clones of one remote, for tests of what operators do. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { BOARD, type World } from './world.ts'

export interface PairPlace {
  world: World
  /** Pairs that were made so far. */
  folders: number
}

export interface Pair {
  /** Two clones of one remote; the board was made in the first. */
  readonly a: string
  readonly b: string
  readonly registry: () => Promise<string>
  /** A folder for keys, outside of both. */
  readonly keys: string
}

export async function pairOf(context: PairPlace): Promise<Pair> {
  const { world } = context
  context.folders += 1
  const model = join(world.root, 'pair')
  if (context.folders === 1) await makePair(world, model)
  const place = `${model}-${context.folders}`
  cpSync(model, place, { recursive: true })
  const [a, b, keys] = ['a', 'b', 'keys'].map((name) => join(place, name)) as [string, string, string]
  const registry = () => world.git(join(place, 'remote'), 'show', 'if-board/main:.if-board/allowed_signers')
  return { a, b, registry, keys }
}

/** Nothing in it names the place where it lies, so that copies of it are pairs too. */
async function makePair(world: World, place: string): Promise<void> {
  mkdirSync(join(place, 'keys'), { recursive: true })
  await world.git(place, 'init', '--quiet', '--bare', 'remote')
  const [a, b] = [await world.clone(join('pair', 'a')), await world.clone(join('pair', 'b'))]
  for (const folder of [a, b]) await world.git(folder, 'remote', 'add', 'origin', '../remote')
  writeFileSync(join(a, 'TASKS.md'), BOARD)
  assert.is((await world.run(a, ['init', '--from', 'TASKS.md'])).status, 0)
  assert.is((await world.run(b, ['join', 'session-4'])).status, 0)
}
