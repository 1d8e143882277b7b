/** Processes of one clone share fetches: nobody is answered by one that began before the question, or never ended. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tryFetchLock } from '../../../src/adapters/git/hub.ts'
import {
  createHub,
  discoverRepository,
  gitObjectStore,
  type Hub,
  remoteRefStore,
} from '../../../src/adapters/git/index.ts'
import { type ObjectId, type RefName, toRefName } from '../../../src/model/index.ts'
import { sandbox } from '../../support/git-servers.ts'
import { remoteHub, writeCommit } from '../../support/hub-worlds.ts'

const box = sandbox()
test.after(() => box.remove())

const claim = (name: string): RefName => toRefName(`refs/if-board/c/${name}-00000000`)
const stateOf = (hub: Hub): string => join(hub.path, 'if-board-fetch.json')

/** A remote that answers a fetch only while the file `open` is there, and tells that it was asked by the file `asked`. */
async function gatedRemote(name: string): Promise<{ hub: Hub; remote: string; open: string; asked: string }> {
  const remote = box.bare(`${name}.git`)
  const hub = await remoteHub(box, name, remote)
  const [open, asked, program] = ['open', 'asked', 'program'].map((what) => box.path(`${name}.${what}`)) as [
    string,
    string,
    string,
  ]
  const wait = `until test -e "${open}"; do sleep 0.02; done`
  await writeFile(program, `#!/bin/sh\ncp "${stateOf(hub)}" "${asked}"\n${wait}\nexec git-upload-pack "$@"\n`)
  await chmod(program, 0o755)
  await writeFile(open, '')
  box.git(name, 'config', 'remote.origin.uploadpack', program)
  return { hub, remote, open, asked }
}

async function numbersIn(file: string): Promise<{ begun: number; ended: number }> {
  const { begun, ended } = JSON.parse(await readFile(file, 'utf8'))
  return { begun, ended }
}

async function moveAt(remote: string, name: string): Promise<ObjectId> {
  const other = await remoteHub(box, `other-${name}`, remote)
  const objects = gitObjectStore(other)
  const next = await writeCommit(objects, name)
  await objects.close()
  assert.is((await remoteRefStore(other).moveAll([{ ref: claim(name), expected: undefined, next }])).kind, 'moved')
  return next
}

test('after a fetch that was killed, who waited for it waits for the next to end', async () => {
  const { hub, remote, open, asked } = await gatedRemote('killed')
  const stores = [remoteRefStore(hub), remoteRefStore(hub)]
  await stores[0]?.list()
  assert.equal(await numbersIn(stateOf(hub)), { begun: 1, ended: 1 })
  const next = await moveAt(remote, 'before-the-question')
  // Another process has the lock, begins the second fetch while two wait, and is killed.
  const lock = await tryFetchLock(hub)
  let answered = 0
  const answers = stores.map(async (store) => {
    const refs = await store.list()
    answered += 1
    return refs.get(claim('before-the-question'))
  })
  await sleep(100)
  await writeFile(stateOf(hub), JSON.stringify({ begun: 2, ended: 1 }))
  await rm(open)
  await rm(asked)
  await lock?.release()
  while ((await stat(asked).catch(() => undefined)) === undefined) await sleep(10)
  await sleep(150)
  assert.is(answered, 0, 'the third fetch has not ended yet')
  assert.equal(await numbersIn(asked), { begun: 3, ended: 1 })
  await writeFile(open, '')
  assert.equal(await Promise.all(answers), [next, next])
})

test('a failure that a killed fetch left unsaid is nobody’s answer', async () => {
  const { hub, remote } = await gatedRemote('failed')
  const store = remoteRefStore(hub)
  await writeFile(stateOf(hub), JSON.stringify({ begun: 2, ended: 1, failure: 'no route to host' }))
  const next = await moveAt(remote, 'after-a-failure')
  assert.is((await store.list()).get(claim('after-a-failure')), next)
  assert.equal(await numbersIn(stateOf(hub)), { begun: 3, ended: 3 })
})

/** Does a list of the view begin while the fetch lock is held? `held` or `free`, for every one so far. */
async function watchLists(name: string, remote: string): Promise<{ hub: Hub; seen(): Promise<string[]> }> {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  const [folder, log] = [box.path(`${name}-bin`), box.path(`${name}.log`)]
  const root = await box.repository(name, remote)
  const lock = join(root, '.git/if-board/hub.git/if-board-fetch.lock')
  const look = `test -e "${lock}" && echo held >> "${log}" || echo free >> "${log}"`
  await mkdir(folder)
  await writeFile(
    join(folder, 'git'),
    `#!/bin/sh\ncase "$*" in *for-each-ref*refs/view*) ${look};; esac\nexec "${real}" "$@"\n`,
  )
  await chmod(join(folder, 'git'), 0o755)
  const environment = { ...box.environment, PATH: `${folder}:${box.environment.PATH}` }
  const binding = {
    boardId: 'b',
    authority: 'remote',
    refs: 'custom',
    remote: { name: 'origin', url: remote },
  } as const
  const hub = await createHub(await discoverRepository(root, environment), binding)
  return { hub, seen: async () => (await readFile(log, 'utf8')).trim().split('\n') }
}

test('the view is listed once per fetch and only under the lock, so that no list sees half of the next fetch', async () => {
  const remote = box.bare('listed.git')
  const { hub, seen } = await watchLists('listed', remote)
  const next = await moveAt(remote, 'listed')
  const lists = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const store = remoteRefStore(hub)
      return [await store.list(), await store.list()]
    }),
  )
  for (const refs of lists.flat()) assert.is(refs.get(claim('listed')), next)
  const { ended } = await numbersIn(stateOf(hub))
  assert.equal(await seen(), Array(ended).fill('held'))
  assert.ok(ended < 8, `${ended} fetches for 8 questions`)
})

test('a fetch of another version of the program, which told no list, is not counted as an answer', async () => {
  const { hub, remote } = await gatedRemote('older')
  const store = remoteRefStore(hub)
  await store.list()
  const lock = await tryFetchLock(hub)
  const answer = store.list()
  await sleep(100)
  await writeFile(stateOf(hub), JSON.stringify({ begun: 2, ended: 2 }))
  const next = await moveAt(remote, 'older')
  await lock?.release()
  assert.is((await answer).get(claim('older')), next)
})

test.run()
