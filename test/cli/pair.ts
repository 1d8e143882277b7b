/** Two clones of one remote, for tests of what operators do. */
import { mkdirSync, writeFileSync } from 'node:fs'
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
  const name = (what: string) => `${what}-${context.folders}`
  await world.git(world.root, 'init', '--quiet', '--bare', name('remote'))
  const clones = [await world.clone(name('a')), await world.clone(name('b'))] as const
  for (const folder of clones) await world.git(folder, 'remote', 'add', 'origin', join(world.root, name('remote')))
  writeFileSync(join(clones[0], 'TASKS.md'), BOARD)
  assert.is((await world.run(clones[0], ['init', '--from', 'TASKS.md'])).status, 0)
  assert.is((await world.run(clones[1], ['join', 'session-4'])).status, 0)
  const keys = join(world.root, name('keys'))
  mkdirSync(keys)
  const registry = () => world.git(join(world.root, name('remote')), 'show', 'if-board/main:.if-board/allowed_signers')
  return { a: clones[0], b: clones[1], registry, keys }
}
