import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createHub,
  discoverRepository,
  findOldLocks,
  gitObjectStore,
  type HubBinding,
  hubPath,
  localRefStore,
  openHub,
  packHub,
  rebindHub,
  removeOldLocks,
} from '../../../src/adapters/git/index.ts'
import { toRefName } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'
import { localHub, writeCommit } from '../../support/hub-worlds.ts'
import { programArgs } from '../../support/program.ts'

const box = sandbox()
const { environment, git, path } = box
test.after(() => box.remove())

const local: HubBinding = { boardId: 'b', authority: 'local', refs: 'custom' }
const claim = toRefName('refs/if-board/c/a-00000000')

test('a clone without a hub has none, and opening it later gives the binding back', async () => {
  const repository = await discoverRepository(await box.repository('life'), environment)
  assert.is(await openHub(repository), undefined)
  const binding: HubBinding = { ...local, authority: 'remote', remote: { name: 'origin', url: '../x' } }
  await createHub(repository, binding)
  assert.equal((await openHub(repository))?.binding, binding)
  await rebindHub(await createHub(repository, binding), { ...binding, remote: { name: 'other', url: '../y' } })
  assert.equal((await openHub(repository))?.binding.remote, { name: 'other', url: '../y' })
})

test('many that make the hub at once end with one, and all see the binding of the winner', async () => {
  const repository = await discoverRepository(await box.repository('crowd'), environment)
  const hubs = await Promise.all(
    Array.from({ length: 8 }, (_, at) => createHub(repository, { ...local, boardId: `board-${at}` })),
  )
  assert.is(new Set(hubs.map(({ binding }) => binding.boardId)).size, 1)
  assert.equal(await readdir(path('crowd/.git/if-board')), ['hub.git'])
})

test('a hub is whole before it gets its name, and leftovers of a killed process go away', async () => {
  const repository = await discoverRepository(await box.repository('leftover'), environment)
  const half = `${hubPath(repository)}.new-1-dead`
  await mkdir(half, { recursive: true })
  await utimes(half, 1, 1)
  assert.is(await openHub(repository), undefined)
  await createHub(repository, local)
  assert.equal(await readdir(path('leftover/.git/if-board')), ['hub.git'])
})

test('work trees of one clone share one hub', async () => {
  const root = await box.repository('shared')
  git('shared', 'worktree', 'add', '--quiet', '--detach', '../shared-2')
  const hub = await createHub(await discoverRepository(path('shared-2'), environment), local)
  assert.is(hub.path, join(root, '.git/if-board/hub.git'))
  assert.is(hub.place.cwd, root)
})

test('the hub sees the settings of the clone, and differs only where it must', async () => {
  await box.repository('settings')
  git('settings', 'config', 'core.logAllRefUpdates', 'true')
  git('settings', 'config', 'core.sshCommand', 'ssh -x')
  git('settings', 'config', 'remote.later.url', '../later')
  const hub = await createHub(await discoverRepository(path('settings'), environment), local)
  assert.match(await readFile(join(hub.path, 'config'), 'utf8'), /^\[include\]\n\tpath = \.\.\/\.\.\/config\n/)
  const inHub = (...args: string[]) => git('settings', `--git-dir=${hub.path}`, ...args)
  assert.is(inHub('config', 'core.sshCommand'), 'ssh -x')
  git('settings', 'config', 'core.sshCommand', 'ssh -y')
  assert.is(inHub('config', 'core.sshCommand'), 'ssh -y')
  assert.is(inHub('rev-parse', '--is-bare-repository'), 'true')
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'no reflog')
  await store.close()
  const ref = toRefName('refs/heads/if-board/main')
  assert.is((await localRefStore(hub).moveAll([{ ref, expected: undefined, next: oid }])).kind, 'moved')
  assert.not.ok((await readdir(hub.path)).includes('logs'))
})

test('a submodule, whose config names a work tree, has a hub that works', async () => {
  await box.repository('inner')
  await box.repository('outer')
  git('outer', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../inner', 'sub')
  const hub = await createHub(await discoverRepository(path('outer/sub'), environment), local)
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'in a submodule')
  assert.is((await localRefStore(hub).moveAll([{ ref: claim, expected: undefined, next: oid }])).kind, 'moved')
  assert.is((await localRefStore(hub).list()).get(claim), oid)
  await store.close()
})

test('a bare repository and an empty one can have a hub', async () => {
  for (const name of ['bare.git', 'empty']) {
    if (name === 'empty') git('.', 'init', '--quiet', name)
    else box.bare(name)
    const hub = await createHub(await discoverRepository(path(name), environment), local)
    assert.is((await localRefStore(hub).list()).size, 0)
  }
})

test('nothing of ours shows in the refs, the status or the objects of the user', async () => {
  const hub = await localHub(box, 'untouched')
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'apart')
  await localRefStore(hub).moveAll([{ ref: claim, expected: undefined, next: oid }])
  await store.close()
  assert.is(git('untouched', 'for-each-ref', '--format=%(refname)'), 'refs/heads/main')
  assert.is(git('untouched', 'status', '--porcelain'), '')
  assert.is(git('untouched', 'fsck'), '')
})

test('a ref that another process has locked is busy, with the path of the lock', async () => {
  const hub = await localHub(box, 'locked')
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'locked')
  await store.close()
  const lock = join(hub.path, `${claim}.lock`)
  await mkdir(join(lock, '..'), { recursive: true })
  await writeFile(lock, '')
  const outcome = await localRefStore(hub).moveAll([{ ref: claim, expected: undefined, next: oid }])
  assert.equal(outcome, { kind: 'busy', reason: 'a ref of the hub is locked', lock })
  assert.equal(await findOldLocks(hub), [])
  assert.equal(await removeOldLocks(hub), [])
  await utimes(lock, 1, 1)
  assert.equal(await findOldLocks(hub), [lock])
  assert.equal(await removeOldLocks(hub), [lock])
  assert.is((await localRefStore(hub).moveAll([{ ref: claim, expected: undefined, next: oid }])).kind, 'moved')
})

test('packed refs move and go like loose ones, and packing loses no object', async () => {
  const hub = await localHub(box, 'packed')
  const refs = localRefStore(hub)
  const store = gitObjectStore(hub)
  const [first, second] = [await writeCommit(store, 'one'), await writeCommit(store, 'two')]
  assert.is((await refs.moveAll([{ ref: claim, expected: undefined, next: first }])).kind, 'moved')
  assert.is(await packHub(hub), false)
  assert.is(await packHub(hub, 1), true)
  assert.match(await readFile(join(hub.path, 'packed-refs'), 'utf8'), claim)
  assert.is((await store.read(first))?.type, 'commit')
  assert.is((await store.read(second))?.type, 'commit')
  assert.is((await refs.moveAll([{ ref: claim, expected: undefined, next: second }])).kind, 'stale')
  assert.is((await refs.moveAll([{ ref: claim, expected: first, next: second }])).kind, 'moved')
  assert.is((await refs.moveAll([{ ref: claim, expected: second, next: undefined }])).kind, 'moved')
  assert.is((await refs.list()).size, 0)
  await store.close()
})

test('a store left open does not keep its process alive', async () => {
  const hub = await localHub(box, 'exit')
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'x')
  await store.close()
  const args = [...programArgs('support/read-process'), path('exit'), oid]
  assert.is(execFileSync(process.execPath, args, { env: environment, timeout: 20_000, encoding: 'utf8' }), 'commit')
})

test.run()
