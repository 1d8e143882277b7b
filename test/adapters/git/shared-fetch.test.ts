/** Processes of one clone share fetches: nobody is answered by one that began before the question, or never ended. */
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tryFetchLock } from '../../../src/adapters/git/hub.ts'
import { gitObjectStore, type Hub, remoteRefStore } from '../../../src/adapters/git/index.ts'
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
  assert.equal(JSON.parse(await readFile(stateOf(hub), 'utf8')), { begun: 1, ended: 1 })
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
  assert.equal(JSON.parse(await readFile(asked, 'utf8')), { begun: 3, ended: 1 })
  await writeFile(open, '')
  assert.equal(await Promise.all(answers), [next, next])
})

test('a failure that a killed fetch left unsaid is nobody’s answer', async () => {
  const { hub, remote } = await gatedRemote('failed')
  const store = remoteRefStore(hub)
  await writeFile(stateOf(hub), JSON.stringify({ begun: 2, ended: 1, failure: 'no route to host' }))
  const next = await moveAt(remote, 'after-a-failure')
  assert.is((await store.list()).get(claim('after-a-failure')), next)
  assert.equal(JSON.parse(await readFile(stateOf(hub), 'utf8')), { begun: 3, ended: 3 })
})

test.run()
