import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fileOperatorPins } from '../../../src/adapters/fs/operator-pins.ts'
import { IfBoardError } from '../../../src/model/index.ts'
import { emptyFolder } from './scratch.ts'

async function refusal(folder: string): Promise<IfBoardError> {
  const error = await fileOperatorPins(folder)
    .read()
    .catch((reason: unknown) => reason)
  assert.instance(error, IfBoardError)
  return error as IfBoardError
}

test('pins are empty until they are written, and then read as they were written', async () => {
  const pins = fileOperatorPins(join(emptyFolder(), 'if-board'))
  assert.is(await pins.read(), '')
  for (const text of ['ada\n', 'ada\nben\n']) {
    await pins.write(text)
    assert.is(await pins.read(), text)
  }
})

if (process.platform !== 'win32')
  test('pins are written for their owner alone, and refused while others can write them', async () => {
    const folder = emptyFolder()
    const pins = fileOperatorPins(folder)
    await pins.write('ada\n')
    assert.is(statSync(pins.path).mode & 0o777, 0o600)
    for (const mode of [0o620, 0o602, 0o666]) {
      chmodSync(pins.path, mode)
      assert.is((await refusal(folder)).code, 'operator/pins-unreadable')
    }
    // Who they are is no secret.
    chmodSync(pins.path, 0o644)
    assert.is(await pins.read(), 'ada\n')
  })

test('a file that is no list of a few keys is refused', async () => {
  const folder = emptyFolder()
  writeFileSync(join(folder, 'operators'), Buffer.alloc(300_000), { mode: 0o600 })
  assert.match((await refusal(folder)).message, '300000 bytes')
})

test.run()
