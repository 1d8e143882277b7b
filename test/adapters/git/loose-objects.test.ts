import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gitObjectStore, type Hub } from '../../../src/adapters/git/index.ts'
import type { GitObject, ObjectId } from '../../../src/model/index.ts'
import { type Sandbox, sandbox } from '../../support/git-servers.ts'
import { localHub, writeCommit } from '../../support/hub-worlds.ts'

const test = suite<{ box: Sandbox }>('loose objects of the hub')
test.before((context) => {
  context.box = sandbox()
})
test.after(({ box }) => box.remove())

const blob = (text: string): GitObject => ({ type: 'blob', body: new TextEncoder().encode(text) })
const fileOf = ({ path }: Hub, oid: ObjectId) => join(path, 'objects', oid.slice(0, 2), oid.slice(2))

test('git finds what was written, finds nothing wrong with it, and we read what git packed', async ({ box }) => {
  const hub = await localHub(box, 'checked')
  const store = gitObjectStore(hub)
  const oid = await writeCommit(store, 'one')
  await box.git('checked', `--git-dir=${hub.path}`, 'update-ref', 'refs/heads/kept', oid)
  await box.git('checked', `--git-dir=${hub.path}`, 'fsck', '--strict', '--full')
  await box.git('checked', `--git-dir=${hub.path}`, 'gc', '--quiet', '--prune=now')
  const again = gitObjectStore(hub)
  assert.is((await again.read(oid))?.type, 'commit')
  await Promise.all([store.close(), again.close()])
})

test('a file that is not what its name says is never taken for it', async ({ box }) => {
  const hub = await localHub(box, 'damaged')
  const [one, two] = (await writeBlobs(hub, 'one', 'two')) as [ObjectId, ObjectId]
  await chmod(fileOf(hub, one), 0o644)
  const other = await readFile(fileOf(hub, two))
  const whole = await readFile(fileOf(hub, one))
  for (const wrong of [other, whole.subarray(0, 5), Buffer.alloc(0), Buffer.from('no zlib stream')]) {
    await writeFile(fileOf(hub, one), wrong)
    const store = gitObjectStore(hub)
    const answer = await store.read(one).catch((error) => error.code)
    assert.ok(answer === 'git/failed' || answer === undefined, String(answer?.body))
    await store.close()
  }
})

test('what is there already is not written again, and counts as wanted from now on', async ({ box }) => {
  const hub = await localHub(box, 'again')
  const [oid] = (await writeBlobs(hub, 'same')) as [ObjectId]
  const before = await stat(fileOf(hub, oid))
  await writeBlobs(hub, 'same')
  const after = await stat(fileOf(hub, oid))
  assert.is(after.ino, before.ino)
  assert.ok(after.mtimeMs >= before.mtimeMs)
  assert.equal(await readdir(join(hub.path, 'objects', oid.slice(0, 2))), [oid.slice(2)], 'nothing is left beside it')
})

if (process.platform === 'win32') console.log('skip: modes of files mean nothing here')
else
  test('a repository that a group shares stays shared', async ({ box }) => {
    const hub = await localHub(box, 'shared')
    await chmod(join(hub.path, 'objects'), 0o2775)
    const before = process.umask(0o077)
    try {
      const [oid] = (await writeBlobs(hub, 'for all of us')) as [ObjectId]
      assert.is((await stat(join(fileOf(hub, oid), '..'))).mode & 0o7777, 0o2775)
      assert.is((await stat(fileOf(hub, oid))).mode & 0o777, 0o444)
    } finally {
      process.umask(before)
    }
  })

async function writeBlobs(hub: Hub, ...texts: string[]): Promise<ObjectId[]> {
  const store = gitObjectStore(hub)
  const ids = await store.write(texts.map(blob))
  await store.close()
  return ids
}

test.run()
