import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { discoverRepository, gitWorkRepository } from '../../../src/adapters/git/index.ts'
import type { ObjectId } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'

const box = sandbox()
const { environment, git, path } = box
test.after(() => box.remove())

const open = async (name: string) => gitWorkRepository(await discoverRepository(path(name), environment))

/** A commit with these files, one line each. */
async function commit(name: string, ...files: string[]): Promise<ObjectId> {
  for (const file of files) {
    await mkdir(dirname(path(`${name}/${file}`)), { recursive: true })
    await writeFile(path(`${name}/${file}`), `${file} ${Math.random()}\n`)
  }
  git(name, 'add', '--all')
  git(name, 'commit', '--quiet', '--allow-empty', '--message=work')
  return git(name, 'rev-parse', 'HEAD') as ObjectId
}

const reasonOf = async (...asked: Parameters<typeof pathsOf>) => String(await pathsOf(...asked))

async function pathsOf(name: string, oid: ObjectId, base?: string): Promise<readonly string[] | string> {
  const changed = await (await open(name)).changedPaths(oid, base)
  return changed.kind === 'known' ? [...changed.paths].sort() : changed.reason
}

test('all commits since the base branch count, also those before the last, and nothing of the base branch', async () => {
  await box.repository('a')
  git('a', 'switch', '--quiet', '--create', 'work')
  await commit('a', 'secrets/key')
  const last = await commit('a', 'src/a b.ts', 'src/é.ts')
  git('a', 'switch', '--quiet', 'main')
  await commit('a', 'other.ts')
  assert.equal(await pathsOf('a', last, 'main'), ['secrets/key', 'src/a b.ts', 'src/é.ts'])
})

test('a file that was moved away, or taken back later, is told as far as the end shows it', async () => {
  await box.repository('b')
  await commit('b', 'secrets/key', 'kept')
  git('b', 'switch', '--quiet', '--create', 'work')
  git('b', 'mv', 'secrets/key', 'key')
  const moved = await commit('b')
  assert.equal(await pathsOf('b', moved, 'main'), ['key', 'secrets/key'])
})

test('a commit that is on the base branch already is compared with its first parent, the first with nothing', async () => {
  await box.repository('c')
  const on = await commit('c', 'secrets/key')
  assert.equal(await pathsOf('c', on, 'main'), ['secrets/key'])
  git('c', 'checkout', '--quiet', '--orphan', 'fresh')
  const first = await commit('c', 'one')
  assert.equal(await pathsOf('c', first), ['one', 'secrets/key'])
})

test('work on a local base branch is compared with that of the remote', async () => {
  const url = box.bare('remote.git')
  await box.repository('d', url)
  git('d', 'push', '--quiet', '--set-upstream', 'origin', 'main')
  await commit('d', 'secrets/key')
  const last = await commit('d', 'src/a.ts')
  assert.equal(await pathsOf('d', last, 'main'), ['secrets/key', 'src/a.ts'])
})

test('what this clone cannot tell is not known', async () => {
  await box.repository('e')
  const last = await commit('e', 'x')
  const stranger = '1234567890123456789012345678901234567890' as ObjectId
  assert.match(await reasonOf('e', stranger, 'main'), /does not have the commit/)
  assert.match(await reasonOf('e', last, 'nowhere'), /no branch `nowhere`/)
  for (const hostile of ['--all', '../x', '', '*']) assert.match(await reasonOf('e', last, hostile), /no branch/)
  git('e', 'checkout', '--quiet', '--orphan', 'fresh')
  const unrelated = await commit('e', 'y')
  assert.match(await reasonOf('e', unrelated, 'main'), /no history in common/)
  const tree = git('e', 'rev-parse', 'HEAD^{tree}') as ObjectId
  assert.match(await reasonOf('e', tree, 'main'), /does not have the commit/)
})

test.run()
