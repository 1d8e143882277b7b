import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { gitCloneSetup } from '../../src/adapters/git/setup.ts'
import { gitCloneRemains } from '../../src/adapters/git/setup-remains.ts'
import { fakeClock } from '../../src/adapters/memory/local.ts'
import { type UninstallRequest, uninstall } from '../../src/workflows/uninstall.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { BOARD, initIn, portrait, put } from './setup-world.ts'

let box: Sandbox
test.before.each(() => {
  box = sandbox()
})
test.after.each(() => box.remove())

function uninstallIn(folder: string, extent: UninstallRequest['extent'] = 'clone') {
  const cwd = box.path(folder)
  const tools = {
    clone: gitCloneSetup(cwd, box.environment),
    remains: gitCloneRemains(cwd, box.environment),
    clock: fakeClock(Date.UTC(2025, 10, 12, 9, 30)),
  }
  return uninstall(tools, { extent })
}

test('it removes hub and session files of every work tree, and the clone is as before init', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  box.git('clone', 'worktree', 'add', '--quiet', '--detach', '../linked')
  const before = [portrait(box, 'clone'), (await readdir(box.path('clone/.git'))).sort().join()]
  await initIn(box, 'clone')
  for (const folder of ['clone/.git/if-board', 'clone/.git/worktrees/linked/if-board']) {
    await mkdir(box.path(folder), { recursive: true })
    await put(box, `${folder}/session`, 'session-1\n')
  }
  const remote = portrait(box, 'remote.git')
  const outcome = await uninstallIn('linked')
  assert.is(outcome.kind, 'removed')
  assert.equal([portrait(box, 'clone'), (await readdir(box.path('clone/.git'))).sort().join()], before)
  assert.not.ok(existsSync(box.path('clone/.git/worktrees/linked/if-board')))
  assert.is(portrait(box, 'remote.git'), remote)
  assert.equal(await uninstallIn('clone'), { kind: 'nothing' })
})

test('the lines for the remote are given, not run, and do what they say', async () => {
  const url = box.bare('remote.git')
  await box.repository('clone', url)
  box.git('clone', 'push', '--quiet', 'origin', 'main')
  await initIn(box, 'clone')
  box.git('remote.git', 'update-ref', 'refs/if-board/c/x', 'main')
  const outcome = await uninstallIn('clone')
  assert.is(outcome.kind === 'removed' && outcome.backup, undefined)
  assert.match(box.git('remote.git', 'for-each-ref'), /if-board\/main/)
  const lines = outcome.kind === 'removed' ? outcome.atRemote : []
  for (const line of lines)
    execFileSync('sh', ['-c', line], { cwd: box.path('clone'), env: box.environment, stdio: 'ignore' })
  assert.is(box.git('remote.git', 'for-each-ref', '--format=%(refname)'), 'refs/heads/main')
})

test('the only copy of a board stays until asked for by name, and is kept in a bundle even then', async () => {
  await box.repository('clone')
  await put(box, 'clone/TASKS.md', BOARD)
  await initIn(box, 'clone', { from: ['TASKS.md'] })
  const hub = 'clone/.git/if-board/hub.git'
  box.git(hub, 'update-ref', 'refs/if-board/c/x', 'if-board/main')
  const refused = await uninstallIn('clone')
  assert.equal([refused.kind, refused.kind === 'only-copy' && refused.next], ['only-copy', 'if-board uninstall --all'])
  assert.ok(existsSync(box.path(hub)))
  const outcome = await uninstallIn('clone', 'with-board')
  const file = box.path('clone/.git/if-board-backup-20251112T093000Z.bundle')
  assert.is(outcome.kind === 'removed' && outcome.backup?.file, file)
  assert.not.ok(existsSync(dirname(box.path(hub))))
  assert.match(box.git('clone', 'bundle', 'list-heads', file), /refs\/if-board\/c\/x/)
  execFileSync('sh', ['-c', (outcome.kind === 'removed' && outcome.backup?.restore) || 'false'], {
    cwd: box.root,
    env: box.environment,
    stdio: 'ignore',
  })
  assert.is(await readFile(box.path('board/TASKS.md'), 'utf8'), BOARD)
})

test('a second backup in the same second replaces none', async () => {
  await box.repository('clone')
  for (const count of [1, 2]) {
    await initIn(box, 'clone')
    await uninstallIn('clone', 'with-board')
    const bundles = (await readdir(box.path('clone/.git'))).filter((name) => name.endsWith('.bundle'))
    assert.is(bundles.length, count)
  }
})

test('a damaged hub counts as the only copy', async () => {
  await box.repository('clone')
  await initIn(box, 'clone')
  await writeFile(box.path('clone/.git/if-board/hub.git/if-board.json'), '{')
  assert.is((await uninstallIn('clone')).kind, 'only-copy')
  const outcome = await uninstallIn('clone', 'with-board')
  assert.ok(outcome.kind === 'removed' && outcome.backup !== undefined)
})

test('an init that failed half way leaves nothing that needs a backup', async () => {
  await box.repository('clone', box.bare('remote.git', 'receive.advertiseAtomic=false'))
  await initIn(box, 'clone').catch(() => undefined)
  const outcome = await uninstallIn('clone')
  assert.is(outcome.kind === 'removed' && outcome.backup, undefined)
})

test.run()
