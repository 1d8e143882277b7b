import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createPrivateFile, replaceFile } from '../../../src/adapters/fs/replace-file.ts'
import { emptyFolder } from './scratch.ts'

test('of many that create one private file, one is told so and its text stays', async () => {
  const folder = emptyFolder()
  const path = join(folder, 'keys', 'one.pem')
  const tries = Array.from({ length: 12 }, (_, at) => createPrivateFile(path, `text ${at}`))
  const winners = (await Promise.all(tries)).flatMap(({ created }, at) => (created ? [at] : []))
  assert.is(winners.length, 1)
  assert.is(readFileSync(path, 'utf8'), `text ${winners[0]}`)
  assert.equal(await createPrivateFile(path, 'late'), { created: false })
  assert.equal(readdirSync(join(folder, 'keys')), ['one.pem'])
})

test('a file that cannot be replaced leaves nothing beside it', async () => {
  const folder = emptyFolder()
  mkdirSync(join(folder, 'taken', 'below'), { recursive: true })
  const failed = await replaceFile(join(folder, 'taken'), 'text').then(
    () => false,
    () => true,
  )
  assert.ok(failed)
  assert.equal(readdirSync(folder), ['taken'])
})

test.run()
