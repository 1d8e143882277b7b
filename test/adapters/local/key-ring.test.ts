import { execFile } from 'node:child_process'
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fileKeyRing } from '../../../src/adapters/fs/key-ring.ts'
import { seededKeyRing } from '../../../src/adapters/memory/local.ts'
import { IfBoardError, toSessionName } from '../../../src/model/index.ts'
import { programArgs } from '../../support/program.ts'
import { keyRingContract } from './key-ring.contract.ts'
import { emptyFolder } from './scratch.ts'

keyRingContract('files', async () => {
  const folder = join(emptyFolder(), 'keys')
  return () => fileKeyRing(folder)
})
keyRingContract('seeded', async () => () => seededKeyRing(1))

const session = toSessionName('session-4')
const posix = process.platform !== 'win32'

async function keyFile(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = emptyFolder()
  await fileKeyRing(folder).publicKey(session)
  return { folder, path: join(folder, readdirSync(folder)[0] as string) }
}

async function refusal(folder: string): Promise<IfBoardError> {
  const error = await fileKeyRing(folder)
    .publicKey(session)
    .catch((reason: unknown) => reason)
  assert.instance(error, IfBoardError)
  return error as IfBoardError
}

if (posix) {
  test('a key file is made for its owner alone', async () => {
    const { folder, path } = await keyFile()
    assert.is(statSync(path).mode & 0o777, 0o600)
    assert.is(readdirSync(folder).length, 1)
  })

  test('a key that others can read is refused until its mode is mended', async () => {
    const { folder, path } = await keyFile()
    const ring = fileKeyRing(folder)
    for (const mode of [0o640, 0o604, 0o660, 0o777]) {
      chmodSync(path, mode)
      const error = await ring.publicKey(session).catch((reason: unknown) => reason)
      assert.instance(error, IfBoardError)
      assert.is((error as IfBoardError).code, 'session/key-unreadable')
      assert.match((error as IfBoardError).hint ?? '', 'chmod 600')
    }
    chmodSync(path, 0o600)
    assert.match(await ring.publicKey(session), /^[A-Za-z0-9_-]{43}$/)
  })
}

test('a file that is no key is named and never replaced', async () => {
  const { folder, path } = await keyFile()
  writeFileSync(path, 'no key')
  const error = await refusal(folder)
  assert.is(error.code, 'session/key-unreadable')
  assert.match(error.message, path)
  assert.is(statSync(path).size, 6)
})

test('six processes that start at once use one key', async () => {
  const folder = join(emptyFolder(), 'keys')
  const run = promisify(execFile)
  const started = Array.from({ length: 6 }, () =>
    run(process.execPath, [...programArgs('support/key-process'), folder]),
  )
  const keys = (await Promise.all(started)).map(({ stdout }) => stdout)
  assert.match(keys[0] ?? '', /^[A-Za-z0-9_-]{43}$/)
  assert.is(new Set(keys).size, 1)
  assert.is(readdirSync(folder).length, 1)
})

test.run()
