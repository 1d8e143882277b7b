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

  test('an update begins with what is there and may end it', async () => {
    const memory = await open()
    const seen: unknown[] = []
    const change = (next: string | undefined) => (text: string | undefined) => {
      seen.push(text)
      return next
    }
    await memory.update('pending/one', change('first'))
    await memory.update('pending/one', change(''))
    await memory.update('pending/one', change(undefined))
    await memory.update('pending/one', change(undefined))
    assert.equal(seen, [undefined, 'first', '', undefined])
    assert.is(await memory.read('pending/one'), undefined)
  })

  test('of many updates at once none is lost, and one that fails is none', async () => {
    const memory = await open()
    const updates = Array.from({ length: 60 }, (_, at) => memory.update('pending/one', (text = '') => `${text}${at},`))
    const failing = memory.update('pending/one', () => {
      throw new Error('no')
    })
    assert.equal(
      (await Promise.allSettled([...updates, failing])).map(({ status }) => status),
      [...updates.map(() => 'fulfilled'), 'rejected'],
    )
    const kept = ((await memory.read('pending/one')) ?? '').split(',').slice(0, -1)
    assert.equal(
      kept.map(Number).sort((a, b) => a - b),
      updates.map((_, at) => at),
    )
  })

  test('bytes are read in parts, as they were when they were opened', async () => {
    const memory = await open()
    assert.is(await memory.openBytes('index.bin'), undefined)
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 256)
    await memory.writeBytes('index.bin', [bytes.subarray(0, 10), new Uint8Array(), bytes.subarray(10)])
    const stored = await memory.openBytes('index.bin')
    assert.is(stored?.size, bytes.length)
    await memory.writeBytes('index.bin', [Uint8Array.of(1)])
    for (const [start, end] of [
      [0, 0],
      [0, 12],
      [70_000, 100_000],
    ] as const)
      assert.equal([...((await stored?.read(start, end)) ?? [])], [...bytes.subarray(start, end)])
    await stored?.close()
    const after = await memory.openBytes('index.bin')
    assert.is(after?.size, 1)
    await after?.close()
    await memory.remove('index.bin')
    assert.is(await memory.openBytes('index.bin'), undefined)
  })

  test('a name that could leave the folder is a bug', async () => {
    const memory = await open()
    for (const bad of ['', '../x', 'a/../b', '/etc/passwd', 'A', 'a//b', 'a\\b', '.hidden', 'a/', 'c:x', 'a\u0000']) {
      for (const call of [
        () => memory.read(bad),
        () => memory.write(bad, 'x'),
        () => memory.remove(bad),
        () => memory.update(bad, () => 'x'),
      ]) {
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
