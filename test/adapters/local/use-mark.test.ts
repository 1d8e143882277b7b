import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fileUseMark } from '../../../src/adapters/fs/use-mark.ts'

const START = 1_762_900_000_000

test('a use is noted at once, and a renewal is due after its pace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'if-board-use-'))
  const mark = fileUseMark(join(folder, 'uses', 'one'))
  assert.is(await mark.lastUseAt(), undefined)
  assert.is(await mark.use(START), 'due')
  assert.is(await mark.use(START + 1_000), 'fresh')
  assert.is(await mark.lastUseAt(), START + 1_000)
  await mark.setPace(10_000, START + 2_000)
  assert.is(await mark.lastUseAt(), START + 1_000, 'an answer is no use')
  assert.is(await mark.use(START + 11_999), 'fresh')
  assert.is(await mark.use(START + 12_000), 'due')
  assert.is(await mark.use(START - 5_000), 'due', 'a clock that was set back')
  await writeFile(join(folder, 'uses', 'one'), 'half a te')
  assert.is(await mark.use(START + 12_001), 'due', 'a damaged file')
  await rm(folder, { recursive: true })
})

test.run()
