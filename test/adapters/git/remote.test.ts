import { execFileSync, spawn } from 'node:child_process'
import { chmod, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createHub,
  discoverRepository,
  gitObjectStore,
  type Hub,
  probeRemote,
  remoteRefStore,
} from '../../../src/adapters/git/index.ts'
import { tryFileLock } from '../../../src/adapters/process/file-lock.ts'
import { type IfBoardError, type ObjectId, type RefName, toRefName } from '../../../src/model/index.ts'
import type { RefStore } from '../../../src/ports/index.ts'
import { logGit } from '../../support/git-logger.ts'
import { freePort, sandbox, startGitDaemon, startHttpBackend } from '../../support/git-servers.ts'
import { remoteHub, writeCommit } from '../../support/hub-worlds.ts'
import { programArgs } from '../../support/program.ts'

const box = sandbox()
const { environment, git, path } = box
test.after(() => box.remove())

const claim = (name: string): RefName => toRefName(`refs/if-board/c/${name}-00000000`)
const failure = (promise: Promise<unknown>): Promise<IfBoardError> =>
  promise.then(
    (value) => assert.unreachable(`expected a failure, got ${String(value)}`),
    (error) => error,
  )

let number = 0

/** A hub on a bare remote of its own. */
async function start(...settings: string[]): Promise<{ hub: Hub; store: RefStore; remote: string }> {
  number += 1
  const remote = box.bare(`remote-${number}.git`, ...settings)
  const hub = await remoteHub(box, `clone-${number}`, remote)
  return { hub, store: remoteRefStore(hub), remote }
}

async function commit(hub: Hub, text: string): Promise<ObjectId> {
  const objects = gitObjectStore(hub)
  const oid = await writeCommit(objects, text)
  await objects.close()
  return oid
}

async function hook(remote: string, name: string, script: string): Promise<void> {
  await mkdir(join(remote, 'hooks'), { recursive: true })
  await writeFile(join(remote, 'hooks', name), `#!/bin/sh\n${script}\n`)
  await chmod(join(remote, 'hooks', name), 0o755)
}

test('a remote that is gone is unreachable for every question, never empty', async () => {
  const { hub, store, remote } = await start()
  const next = await commit(hub, 'gone')
  const move = [{ ref: claim('a'), expected: undefined, next }]
  assert.is((await store.moveAll(move)).kind, 'moved')
  assert.is((await store.list()).size, 1)
  await rename(remote, `${remote}.away`)
  const again = [{ ref: claim('b'), expected: undefined, next }]
  for (const ask of [() => store.list(), () => store.peek(), () => store.moveAll(again)])
    assert.is((await failure(ask())).code, 'authority/unreachable')
  await rename(`${remote}.away`, remote)
  assert.is((await store.list()).size, 1)
})

test('a port where nobody listens is unreachable', async () => {
  const url = `git://127.0.0.1:${await freePort()}/x.git`
  const store = remoteRefStore(await remoteHub(box, 'nobody', url))
  const error = await failure(store.list())
  assert.is(error.code, 'authority/unreachable')
  assert.match(error.message, 'Connection refused')
  assert.is((await failure(store.peek())).code, 'authority/unreachable')
})

test('a server that accepts and never answers is unreachable after the time given', async () => {
  const { createServer } = await import('node:net')
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const store = remoteRefStore(await remoteHub(box, 'silent', `git://127.0.0.1:${port}/x.git`), { timeoutMs: 300 })
  assert.match((await failure(store.list())).message, 'no answer in time')
  silent.close()
})

test('a password in the URL is not in the message', async () => {
  const url = `http://me:secret@127.0.0.1:${await freePort()}/x.git`
  const error = await failure(remoteRefStore(await remoteHub(box, 'password', url)).list())
  assert.not.match(`${error.message} ${error.hint}`, 'secret')
})

test('refs that vanish at the remote vanish from the list, down to the last one', async () => {
  const { hub, store, remote } = await start()
  const next = await commit(hub, 'vanish')
  const moves = ['a', 'b'].map((name) => ({ ref: claim(name), expected: undefined, next }))
  assert.is((await store.moveAll(moves)).kind, 'moved')
  assert.is((await store.list()).size, 2)
  for (const name of ['a', 'b']) git('.', '-C', remote, 'update-ref', '-d', claim(name))
  assert.is((await store.list()).size, 0)
  assert.is((await store.peek()).size, 0)
})

test('what a list names can be read from the hub, also when another clone wrote it', async () => {
  const { hub, store, remote } = await start()
  const other = await remoteHub(box, 'writer', remote)
  const next = await commit(other, 'from afar')
  await remoteRefStore(other).moveAll([{ ref: toRefName('refs/heads/if-board/main'), expected: undefined, next }])
  const oid = (await store.list()).get(toRefName('refs/heads/if-board/main'))
  assert.is(oid, next)
  const objects = gitObjectStore(hub)
  assert.is((await objects.read(oid as ObjectId))?.type, 'commit')
  await objects.close()
})

test('a name that was a ref and is now a folder is followed', async () => {
  const { hub, store, remote } = await start()
  const oid = await commit(hub, 'folder')
  git('.', '-C', remote, 'fetch', '--quiet', hub.path, oid)
  git('.', '-C', remote, 'update-ref', 'refs/heads/if-board/x', oid)
  assert.ok((await store.list()).has(toRefName('refs/heads/if-board/x')))
  git('.', '-C', remote, 'update-ref', '-d', 'refs/heads/if-board/x')
  git('.', '-C', remote, 'update-ref', 'refs/heads/if-board/x/y', oid)
  assert.equal([...(await store.list()).keys()], ['refs/heads/if-board/x/y'])
})

test('refs that the remote packed move like loose ones', async () => {
  const { hub, store, remote } = await start()
  const [first, second] = [await commit(hub, 'p1'), await commit(hub, 'p2')]
  await store.moveAll([{ ref: claim('p'), expected: undefined, next: first }])
  git('.', '-C', remote, 'pack-refs', '--all')
  assert.is((await store.moveAll([{ ref: claim('p'), expected: undefined, next: second }])).kind, 'stale')
  assert.is((await store.moveAll([{ ref: claim('p'), expected: first, next: second }])).kind, 'moved')
  git('.', '-C', remote, 'pack-refs', '--all')
  assert.is((await store.moveAll([{ ref: claim('p'), expected: second, next: undefined }])).kind, 'moved')
  assert.is((await store.list()).size, 0)
})

test('a lock held at the remote is busy with its path, over every transport', async () => {
  const { remote } = await start()
  const name = remote.slice(box.root.length + 1)
  const daemon = await startGitDaemon(box.root, environment)
  const http = await startHttpBackend(box.root, environment)
  const lock = join(remote, `${claim('held')}.lock`)
  await mkdir(join(lock, '..'), { recursive: true })
  await writeFile(lock, '')
  for (const [at, url] of [`file://${remote}`, daemon.url(name), http.url(name)].entries()) {
    const hub = await remoteHub(box, `busy-${at}`, url)
    const next = await commit(hub, `busy ${at}`)
    const outcome = await remoteRefStore(hub).moveAll([
      { ref: claim('free'), expected: undefined, next },
      { ref: claim('held'), expected: undefined, next },
    ])
    assert.is(outcome.kind, 'busy', JSON.stringify(outcome))
    assert.is('lock' in outcome && outcome.lock?.endsWith(`${claim('held')}.lock`), true, JSON.stringify(outcome))
    assert.is((await remoteRefStore(hub).list()).size, 0)
  }
  await daemon.close()
  await http.close()
})

test('a hook that declines is a refusal with its words', async () => {
  const { hub, store, remote } = await start()
  await hook(remote, 'pre-receive', 'echo "only on weekdays" >&2; exit 1')
  const outcome = await store.moveAll([{ ref: claim('no'), expected: undefined, next: await commit(hub, 'no') }])
  assert.is(outcome.kind, 'refused')
  assert.match(JSON.stringify(outcome), /pre-receive hook declined.*only on weekdays/)
  await rm(join(remote, 'hooks/pre-receive'))
  await hook(remote, 'update', 'test "$1" != refs/heads/if-board/main')
  const next = await commit(hub, 'no 2')
  const second = await store.moveAll([
    { ref: claim('no'), expected: undefined, next },
    { ref: toRefName('refs/heads/if-board/main'), expected: undefined, next },
  ])
  assert.is(second.kind, 'refused', JSON.stringify(second))
  assert.is((await store.list()).size, 0)
})

test('hidden refs are a refusal, and the probe finds the way over branches', async () => {
  const { hub, store } = await start('transfer.hideRefs=refs/if-board')
  const outcome = await store.moveAll([{ ref: claim('hid'), expected: undefined, next: await commit(hub, 'hid') }])
  assert.is(outcome.kind, 'refused', JSON.stringify(outcome))
  const { reason, ...can } = await probeRemote(hub)
  assert.equal(can, { custom: false, heads: true, atomic: true })
  assert.match(reason ?? '', 'hidden')
})

test('refs that are accepted but not shown do not count as usable', async () => {
  const { hub } = await start('uploadpack.hideRefs=refs/if-board')
  assert.equal((await probeRemote(hub)).custom, false)
})

test('an ordinary remote passes the probe, also with strict settings, and keeps nothing of it', async () => {
  for (const settings of [[], ['receive.denyNonFastForwards=true', 'receive.denyDeletes=true']]) {
    const { hub, remote } = await start(...settings)
    assert.equal(await probeRemote(hub), { custom: true, heads: true, atomic: true, reason: undefined })
    assert.is(git('.', '-C', remote, 'for-each-ref'), '')
  }
})

test('a server without atomic pushes is told apart from one that is away', async () => {
  const { hub, store } = await start('receive.advertiseAtomic=false')
  assert.is((await probeRemote(hub)).atomic, false)
  const move = [{ ref: claim('x'), expected: undefined, next: await commit(hub, 'x') }]
  assert.is((await failure(store.moveAll(move))).code, 'authority/unsupported')
})

test('a branch named `if-board` at the remote is found by the probe', async () => {
  const { hub, remote } = await start()
  const clone = hub.repository.workTree as string
  git('.', '-C', clone, 'push', '--quiet', remote, 'HEAD:refs/heads/if-board')
  assert.is((await failure(probeRemote(hub))).code, 'authority/branch-conflict')
})

test('a branch may not leave its line where the server denies it: a refusal, not a lost race', async () => {
  const { hub, store } = await start('receive.denyNonFastForwards=true')
  const ref = toRefName('refs/heads/if-board/c/x-00000000')
  const [first, second] = [await commit(hub, 'l1'), await commit(hub, 'l2')]
  assert.is((await store.moveAll([{ ref, expected: undefined, next: first }])).kind, 'moved')
  const outcome = await store.moveAll([{ ref, expected: first, next: second }])
  assert.is(outcome.kind, 'refused', JSON.stringify(outcome))
})

test('a remote that now has another URL, or several, is not pushed to by guess', async () => {
  const { hub, store, remote } = await start()
  const clone = hub.repository.workTree as string
  const second = box.bare('second.git')
  git('.', '-C', clone, 'remote', 'set-url', '--add', 'origin', second)
  // Git refuses refspecs beside `--mirror`, which this setting stands for.
  git('.', '-C', clone, 'config', 'remote.origin.mirror', 'true')
  const next = await commit(hub, 'urls')
  assert.is((await store.moveAll([{ ref: claim('u'), expected: undefined, next }])).kind, 'moved')
  assert.is(git('.', '-C', second, 'for-each-ref'), '')
  assert.is((await store.list()).size, 1)
  git('.', '-C', clone, 'remote', 'remove', 'origin')
  git('.', '-C', clone, 'remote', 'add', 'origin', second)
  // The process that looked before finds the clone's config file changed; another one looks anyway.
  const later = () => remoteRefStore(hub).list()
  assert.is((await failure(store.list())).code, 'authority/changed')
  assert.is((await failure(later())).code, 'authority/changed')
  assert.match((await failure(later())).message, remote)
  git('.', '-C', clone, 'remote', 'remove', 'origin')
  assert.is((await failure(later())).code, 'authority/changed')
})

test('a relative URL means the same from a linked work tree and a subfolder', async () => {
  box.bare('relative.git')
  const root = await box.repository('rel/main', '../../relative.git')
  git('rel/main', 'worktree', 'add', '--quiet', '--detach', '../../deep')
  await mkdir(join(root, 'sub'))
  const binding = {
    boardId: 'b',
    authority: 'remote',
    refs: 'custom',
    remote: { name: 'origin', url: '../../relative.git' },
  } as const
  for (const folder of [path('deep'), join(root, 'sub')]) {
    const hub = await createHub(await discoverRepository(folder, environment), binding)
    assert.is((await remoteRefStore(hub).list()).size, 0)
  }
})

test('a partial clone has a hub with every object', async () => {
  const remote = box.bare('partial.git', 'uploadpack.allowFilter=true')
  const writer = await remoteHub(box, 'partial-writer', remote)
  const next = await commit(writer, 'whole')
  await remoteRefStore(writer).moveAll([{ ref: claim('w'), expected: undefined, next }])
  git('partial-writer', 'push', '--quiet', 'origin', 'main')
  git('.', 'clone', '--quiet', '--filter=blob:none', `file://${remote}`, 'partial')
  const traced = { ...environment, GIT_TRACE: path('partial.trace') }
  const repository = await discoverRepository(path('partial'), traced)
  const url = `file://${remote}`
  const binding = { boardId: 'b', authority: 'remote', refs: 'custom', remote: { name: 'origin', url } } as const
  const hub = await createHub(repository, binding)
  assert.is((await remoteRefStore(hub).list()).get(claim('w')), next)
  assert.is(git('.', `--git-dir=${hub.path}`, 'config', 'remote.origin.promisor'), 'true')
  const objects = gitObjectStore(hub)
  await rm(path('partial.trace'))
  assert.is(await objects.read('1234567890123456789012345678901234567890' as ObjectId), undefined)
  await objects.close()
  // A missing object is missing: nothing was asked of the remote.
  assert.not.match(await readFile(path('partial.trace'), 'utf8'), /fetch/)
})

test('settings that only the clone sees reach the remote, and never argv', async () => {
  box.bare('private.git')
  const server = await startHttpBackend(box.root, environment, 'Bearer s3cret')
  const logger = await logGit(box)
  const url = server.url('private.git')
  const root = await box.repository('private', url)
  await writeFile(path('secret.config'), '[http]\n\textraHeader = Authorization: Bearer s3cret\n')
  // Holds for this git directory exactly, so not for the hub inside it.
  git('.', 'config', '--global', `includeIf.gitdir:${root}/.git.path`, path('secret.config'))
  const repository = await discoverRepository(root, logger.environment)
  const binding = { boardId: 'b', authority: 'remote', refs: 'custom', remote: { name: 'origin', url } } as const
  const hub = await createHub(repository, binding)
  const store = remoteRefStore(hub)
  assert.is((await store.list()).size, 0)
  const next = await commit(hub, 'private')
  assert.is((await store.moveAll([{ ref: claim('p'), expected: undefined, next }])).kind, 'moved')
  assert.is((await store.peek()).get(claim('p')), next)
  const seen = await logger.arguments()
  assert.ok(seen.length > 5)
  assert.equal(
    seen.filter((line) => line.includes('s3cret')),
    [],
  )
  git('.', 'config', '--global', '--unset', `includeIf.gitdir:${root}/.git.path`)
  assert.is((await failure(remoteRefStore(hub).list())).code, 'authority/unreachable')
  await server.close()
})

test('settings of a linked work tree reach the remote', async () => {
  box.bare('linked.git')
  const server = await startHttpBackend(box.root, environment, 'Bearer linked')
  const url = server.url('linked.git')
  await box.repository('with-link', url)
  git('with-link', 'config', 'extensions.worktreeConfig', 'true')
  git('with-link', 'worktree', 'add', '--quiet', '--detach', '../the-link')
  git('the-link', 'config', '--worktree', 'http.extraHeader', 'Authorization: Bearer linked')
  const repository = await discoverRepository(path('the-link'), environment)
  const binding = { boardId: 'b', authority: 'remote', refs: 'custom', remote: { name: 'origin', url } } as const
  assert.is((await remoteRefStore(await createHub(repository, binding)).list()).size, 0)
  await server.close()
})

test('eight processes that fetch at once while refs move all succeed, and share fetches', async () => {
  const { hub, store, remote } = await start()
  const [one, two] = [await commit(hub, 'crowd 1'), await commit(hub, 'crowd 2')]
  const refs = Array.from({ length: 20 }, (_, at) => claim(`crowd-${at}`))
  await store.moveAll(refs.map((ref) => ({ ref, expected: undefined, next: one })))
  await store.moveAll([{ ref: claim('second'), expected: undefined, next: two }])
  const processes = Array.from({ length: 8 }, () => listInProcess(hub, 6))
  let running = true
  const all = Promise.all(processes).finally(() => {
    running = false
  })
  // Fetches that bring nothing new would not meet: every ref moves all the time.
  for (let turn = 0; running; turn += 1) {
    const lines = refs.map((ref) => `update ${ref} ${turn % 2 === 0 ? two : one}\n`).join('')
    execFileSync('git', ['update-ref', '--stdin'], { cwd: remote, env: environment, input: lines })
    await sleep(5)
  }
  assert.equal(await all, Array(8).fill('21\n'.repeat(6)))
  const { begun } = JSON.parse(await readFile(join(hub.path, 'if-board-fetch.json'), 'utf8'))
  assert.ok(begun < 48, `${begun} fetches for 48 questions`)
})

/** Sizes of the lists that a process of its own got, or what it said when it failed. */
function listInProcess(hub: Hub, times: number): Promise<string> {
  const args = [...programArgs('support/fetch-process'), hub.repository.workTree as string, String(times)]
  const child = spawn(process.execPath, args, { env: environment })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  return new Promise((resolve) => child.on('close', () => resolve(said)))
}

test('a fetch lock whose owner died, and a view lock it left, do not stop the next one', async () => {
  const { hub, store } = await start()
  const next = await commit(hub, 'dead')
  await store.moveAll([{ ref: claim('dead'), expected: undefined, next }])
  const path = join(hub.path, 'if-board-fetch.lock')
  const ours = await tryFileLock(path)
  const dead = { ...JSON.parse(await readFile(path, 'utf8')), pid: 2 ** 22 + 1 }
  await ours?.release()
  await writeFile(path, JSON.stringify(dead))
  const lock = join(hub.path, `refs/view/if-board/c/dead-00000000.lock`)
  await mkdir(join(lock, '..'), { recursive: true })
  await writeFile(lock, '')
  await utimes(lock, 1, 1)
  assert.is((await store.list()).size, 1)
})

test('who asked before a fetch began is not answered by the one that was running', async () => {
  const { hub, store, remote } = await start()
  const next = await commit(hub, 'order')
  await store.moveAll([{ ref: claim('one'), expected: undefined, next }])
  const slow = store.list()
  // Moved while the first fetch may be under way; a list asked now must show it.
  git('.', '-C', remote, 'update-ref', claim('two'), next)
  assert.ok((await store.list()).has(claim('two')))
  await slow
})

test.run()
