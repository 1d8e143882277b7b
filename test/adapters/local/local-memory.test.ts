import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fileMemory } from '../../../src/adapters/fs/local-memory.ts'
import { mapMemory } from '../../../src/adapters/memory/local.ts'
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

test.run()
