import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalMemory } from '../../../src/ports/index.ts'

/** What every `LocalMemory` must give; `open` makes an empty one. */
export function localMemoryContract(name: string, open: () => Promise<LocalMemory>): void {
  const test = suite(`local memory: ${name}`)

  test('a text that was never written is undefined, and removing it is no error', async () => {
    const memory = await open()
    assert.is(await memory.read('never'), undefined)
    await memory.remove('never')
    await memory.remove('never/below')
    assert.is(await memory.read('never/below'), undefined)
  })

  test('a text is read as it was written, the last one wins, and remove ends it', async () => {
    const memory = await open()
    for (const text of ['', 'line\r\nline\n', '\ufeffü 😀 \u0000']) {
      await memory.write('seen/claims.json', text)
      assert.is(await memory.read('seen/claims.json'), text)
    }
    await memory.remove('seen/claims.json')
    assert.is(await memory.read('seen/claims.json'), undefined)
  })

  test('a reader sees the old text or the new one, whole', async () => {
    const memory = await open()
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000))
    await memory.write('big', texts[0] as string)
    const writes = Array.from({ length: 40 }, (_, at) => memory.write('big', texts[at % 4] as string))
    const reads = Array.from({ length: 40 }, () => memory.read('big'))
    for (const text of await Promise.all(reads)) assert.ok(texts.includes(text ?? ''))
    await Promise.all(writes)
  })

  test('a name that could leave the folder is a bug', async () => {
    const memory = await open()
    for (const bad of ['', '../x', 'a/../b', '/etc/passwd', 'A', 'a//b', 'a\\b', '.hidden', 'a/', 'c:x', 'a\u0000']) {
      for (const call of [() => memory.read(bad), () => memory.write(bad, 'x'), () => memory.remove(bad)]) {
        const error = await call().then(
          () => undefined,
          (reason: unknown) => reason,
        )
        assert.match(String(error), /internal: a name in local memory/, bad)
      }
    }
  })

  test.run()
}
