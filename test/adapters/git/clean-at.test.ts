import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isCleanAt } from '../../../src/adapters/git/clean-at.ts'
import { discoverRepository } from '../../../src/adapters/git/index.ts'
import type { ObjectId } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'

const box = sandbox()
const { environment, git, path } = box
test.after(() => box.remove())

test('a work tree is at a commit only with its files unchanged; what git does not track may be there', async () => {
  await box.repository('tree')
  writeFileSync(join(path('tree'), 'file'), 'one\n')
  git('tree', 'add', 'file')
  git('tree', 'commit', '--quiet', '--message=file')
  const head = git('tree', 'rev-parse', 'HEAD') as ObjectId
  const before = git('tree', 'rev-parse', 'HEAD~1') as ObjectId
  const repository = await discoverRepository(path('tree'), environment)
  assert.ok(await isCleanAt(repository, head))
  assert.not.ok(await isCleanAt(repository, before))
  writeFileSync(join(path('tree'), 'untracked'), '')
  assert.ok(await isCleanAt(repository, head))
  writeFileSync(join(path('tree'), 'file'), 'two\n')
  assert.not.ok(await isCleanAt(repository, head), 'changed')
  git('tree', 'add', 'file')
  assert.not.ok(await isCleanAt(repository, head), 'staged')
  git('tree', 'commit', '--quiet', '--message=two')
  assert.not.ok(await isCleanAt(repository, head), 'committed')
})

test.run()
