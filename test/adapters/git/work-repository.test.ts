import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { discoverRepository, gitCommandCount, gitWorkRepository } from '../../../src/adapters/git/index.ts'
import type { ObjectId } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'

const box = sandbox()
const { environment, git, path } = box
test.after(() => box.remove())

const open = async (name: string) => gitWorkRepository(await discoverRepository(path(name), environment))
const unknown = '1234567890123456789012345678901234567890' as ObjectId

/** A repository with `main` at the first commit's child and a branch `side` of its own. */
async function history(name: string): Promise<{ first: ObjectId; main: ObjectId; side: ObjectId }> {
  await box.repository(name)
  const first = git(name, 'rev-parse', 'HEAD') as ObjectId
  git(name, 'switch', '--quiet', '--create', 'side')
  git(name, 'commit', '--quiet', '--allow-empty', '--message=side')
  const side = git(name, 'rev-parse', 'HEAD') as ObjectId
  git(name, 'switch', '--quiet', 'main')
  git(name, 'commit', '--quiet', '--allow-empty', '--message=main')
  return { first, main: git(name, 'rev-parse', 'HEAD') as ObjectId, side }
}

test('HEAD of a branch is read without starting git, also in a linked work tree', async () => {
  const { main, side } = await history('head')
  git('head', 'worktree', 'add', '--quiet', '../head-side', 'side')
  const before = gitCommandCount()
  assert.equal(await (await open('head')).head(), { branch: 'main', commit: main })
  assert.equal(await (await open('head-side')).head(), { branch: 'side', commit: side })
  assert.is(gitCommandCount(), before)
  git('head', 'pack-refs', '--all')
  assert.equal(await (await open('head')).head(), { branch: 'main', commit: main })
})

test('a detached HEAD has no branch, an empty repository no commit', async () => {
  const { first } = await history('detached')
  git('detached', 'checkout', '--quiet', '--detach', first)
  assert.equal(await (await open('detached')).head(), { branch: undefined, commit: first })
  git('.', 'init', '--quiet', '--initial-branch=trunk', 'empty')
  const empty = await open('empty')
  assert.equal(await empty.head(), { branch: 'trunk', commit: undefined })
  assert.equal([...(await empty.containedInHead([first]))], [])
  assert.is(await empty.mergedInto('main', [first]), undefined)
})

test('of many commits, those in HEAD are told by one command', async () => {
  const { first, main, side } = await history('contained')
  const work = await open('contained')
  const before = gitCommandCount()
  assert.equal([...(await work.containedInHead([first, main, side]))], [first, main])
  assert.is(gitCommandCount(), before + 1)
  assert.equal([...(await work.containedInHead([]))], [])
  assert.is(gitCommandCount(), before + 1)
})

test('a commit that is not here, or is no commit, is not contained', async () => {
  const { first, side } = await history('strangers')
  const tree = git('strangers', 'rev-parse', 'HEAD^{tree}') as ObjectId
  const work = await open('strangers')
  assert.equal([...(await work.containedInHead([unknown, first, tree, side]))], [first])
  assert.equal([...(await work.containedInHead([unknown]))], [])
})

test('a base branch counts here and at a remote; without one it cannot be told', async () => {
  const { first, main, side } = await history('base')
  const work = await open('base')
  assert.equal([...((await work.mergedInto('main', [first, main, side])) ?? [])], [first, main])
  git('base', 'update-ref', 'refs/remotes/origin/main', side)
  assert.equal([...((await work.mergedInto('main', [first, main, side])) ?? [])], [first, main, side])
  assert.is(await work.mergedInto('nowhere', [first]), undefined)
  for (const hostile of ['', '*', '--all', '../x', 'a b']) assert.is(await work.mergedInto(hostile, [first]), undefined)
})

test('what a person typed is a revision or nothing, never an option', async () => {
  const { first, main, side } = await history('revisions')
  git('revisions', 'tag', '--annotate', '--message=t', 'v1', first)
  const work = await open('revisions')
  assert.is(await work.resolveCommit('HEAD'), main)
  assert.is(await work.resolveCommit('HEAD~1'), first)
  assert.is(await work.resolveCommit('side'), side)
  assert.is(await work.resolveCommit('v1'), first)
  assert.is(await work.resolveCommit(first.slice(0, 12)), first)
  for (const text of [
    '',
    '--all',
    '--branches',
    '-h',
    '--git-dir',
    'no-such',
    'HEAD^{tree}',
    'a\nb',
    'HEAD --',
    unknown,
  ])
    assert.is(await work.resolveCommit(text), undefined, text)
})

test.run()
