import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { discoverRepository, gitCommandCount, gitVersion } from '../../../src/adapters/git/index.ts'
import { IfBoardError } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'

const box = sandbox()
const { environment, path, git } = box
test.after(() => box.remove())

test('a subfolder of an ordinary clone is found without starting git', async () => {
  const root = await box.repository('plain')
  await mkdir(join(root, 'a/b'), { recursive: true })
  const before = gitCommandCount()
  const found = await discoverRepository(join(root, 'a/b'), environment)
  assert.is(gitCommandCount(), before)
  assert.equal(
    { ...found, environment: undefined },
    {
      gitDir: join(root, '.git'),
      commonDir: join(root, '.git'),
      workTree: root,
      mainWorkTree: root,
      objectFormat: 'sha1',
      environment: undefined,
    },
  )
})

test('a linked work tree shares the common directory and the main work tree of its clone', async () => {
  const root = await box.repository('linked')
  git('linked', 'worktree', 'add', '--quiet', '--detach', '../linked-2')
  const before = gitCommandCount()
  const found = await discoverRepository(path('linked-2'), environment)
  assert.is(gitCommandCount(), before)
  assert.is(found.gitDir, join(root, '.git/worktrees/linked-2'))
  assert.is(found.commonDir, join(root, '.git'))
  assert.is(found.workTree, path('linked-2'))
  assert.is(found.mainWorkTree, root)
})

test('a submodule keeps its own hub below the modules of the outer repository', async () => {
  await box.repository('inner')
  const outer = await box.repository('outer')
  git('outer', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../inner', 'sub')
  const before = gitCommandCount()
  const found = await discoverRepository(join(outer, 'sub'), environment)
  assert.is(gitCommandCount(), before)
  assert.is(found.commonDir, join(outer, '.git/modules/sub'))
  assert.is(found.mainWorkTree, join(outer, 'sub'))
  git('outer/sub', 'worktree', 'add', '--quiet', '--detach', '../../sub-linked')
  assert.is((await discoverRepository(path('sub-linked'), environment)).mainWorkTree, join(outer, 'sub'))
})

test('a bare repository, and a work tree linked to it, resolve URLs from the git directory', async () => {
  const bare = box.bare('bare.git')
  const found = await discoverRepository(bare, environment)
  assert.equal([found.commonDir, found.workTree, found.mainWorkTree], [bare, undefined, bare])
  await box.repository('seed')
  git('seed', 'push', '--quiet', bare, 'main')
  git('bare.git', 'worktree', 'add', '--quiet', '--detach', '../of-bare', 'main')
  const linked = await discoverRepository(path('of-bare'), environment)
  assert.equal([linked.commonDir, linked.workTree, linked.mainWorkTree], [bare, path('of-bare'), bare])
})

test('a git directory kept elsewhere, and the inside of `.git`, are found too', async () => {
  git('.', 'init', '--quiet', '--separate-git-dir', path('elsewhere.git'), 'separate')
  const found = await discoverRepository(path('separate'), environment)
  assert.equal([found.commonDir, found.mainWorkTree], [path('elsewhere.git'), path('separate')])
  const root = await box.repository('inside')
  const inside = await discoverRepository(join(root, '.git/refs'), environment)
  assert.equal([inside.commonDir, inside.workTree, inside.mainWorkTree], [join(root, '.git'), undefined, root])
})

test('the object format is read from the config file', async () => {
  const root = await box.repository('new-format', undefined, '--object-format=sha256')
  assert.is((await discoverRepository(root, environment)).objectFormat, 'sha256')
})

test('GIT_DIR decides, as it does for git', async () => {
  const a = await box.repository('named')
  await mkdir(path('nowhere'))
  const steered = { ...environment, GIT_DIR: join(a, '.git'), GIT_WORK_TREE: a }
  const found = await discoverRepository(path('nowhere'), steered)
  assert.is(found.commonDir, join(a, '.git'))
})

test('a folder that is in no repository, or is not there, says what to type', async () => {
  for (const folder of [box.root, path('not-there')]) {
    const error = await discoverRepository(folder, environment).catch((reason) => reason)
    assert.instance(error, IfBoardError)
    assert.is(error.code, 'repo/not-found')
    assert.ok(error.hint !== undefined || folder.endsWith('not-there'))
  }
})

test('a `.git` file that points nowhere is not a repository', async () => {
  await mkdir(path('broken'))
  await writeFile(path('broken/.git'), 'gitdir: /does/not/exist\n')
  const error = await discoverRepository(path('broken'), environment).catch((reason) => reason)
  assert.is(error.code, 'repo/not-found')
})

test('the installed git is new enough', async () => {
  const { major, minor } = await gitVersion(box.root, environment)
  assert.ok(major > 2 || (major === 2 && minor >= 30))
})

test.run()
