import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fileMemory } from '../../../src/adapters/fs/local-memory.ts'
import { mapMemory } from '../../../src/adapters/memory/local.ts'
import { tryFileLock } from '../../../src/adapters/process/file-lock.ts'
import { localMemoryContract } from './local-memory.contract.ts'
import { emptyFolder } from './scratch.ts'

localMemoryContract('files', async () => fileMemory(join(emptyFolder(), 'not', 'yet', 'made')))
localMemoryContract('map', async () => mapMemory())

test('two processes that share a folder share its texts, and writing leaves no other file', async () => {
  const folder = emptyFolder()
  await fileMemory(folder).write('fold/last', 'one')
  await fileMemory(folder).write('fold/last', 'two')
  assert.is(await fileMemory(folder).read('fold/last'), 'two')
  assert.equal(readdirSync(join(folder, 'fold')), ['last'])
})

test('updates of two processes wait for each other, and for none that stands still', async () => {
  const folder = emptyFolder()
  const [one, two] = [fileMemory(folder), fileMemory(folder)]
  const append = (text = '') => `${text}x`
  await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? one : two).update('pending/one', append)))
  assert.is((await one.read('pending/one'))?.length, 40)
  assert.equal(readdirSync(join(folder, 'pending')), ['one'])
  const lock = await tryFileLock(join(folder, 'pending/one.lock'))
  await two.update('pending/one', append)
  assert.is((await one.read('pending/one'))?.length, 41)
  assert.is(await lock?.holds(), true)
  await lock?.release()
})

test.run()
