import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { othersMayUse, othersMayWrite, readOwnFile } from '../../../src/adapters/process/own-file.ts'
import { emptyFolder } from './scratch.ts'

const isWindows = process.platform === 'win32'

test('a file is read with what others may do with it', async () => {
  const folder = emptyFolder()
  const path = join(folder, 'key')
  await writeFile(path, 'secret')
  for (const [mode, use, write] of [
    [0o600, false, false],
    [0o644, true, false],
    [0o620, true, true],
    [0o602, true, true],
  ] as const) {
    await chmod(path, mode)
    const file = await readOwnFile(path, 6)
    assert.ok(file.kind === 'read' && file.text === 'secret')
    assert.equal([othersMayUse(file), othersMayWrite(file)], isWindows ? [false, false] : [use, write], `${mode}`)
  }
})

test('what is not there, is too large, is a folder or a pipe is told apart, and nobody waits for it', async () => {
  const folder = emptyFolder()
  const at = (name: string) => join(folder, name)
  await writeFile(at('large'), '1234567')
  await mkdir(at('folder'))
  assert.equal(await readOwnFile(at('none'), 6), { kind: 'absent' })
  assert.equal(await readOwnFile(at('large'), 6), { kind: 'too-large', bytes: 7 })
  assert.is((await readOwnFile(at('folder'), 6)).kind, 'unreadable')
  if (isWindows) return
  execFileSync('mkfifo', [at('pipe')])
  assert.is((await readOwnFile(at('pipe'), 6)).kind, 'unreadable')
})

test.run()
