/** The name in a ClientHello, as real clients write it, and as an attacker might. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readClientHello } from '../../src/proxy/index.ts'
import { seeded } from '../support/claims.ts'

/** What Node's client sends first. */
async function helloOf(servername: string | undefined): Promise<Uint8Array> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', ...(servername === undefined ? {} : { servername }) })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}

test('the name that a real client sends is read, and that it sent none', async () => {
  assert.equal(readClientHello(await helloOf('Packages.example')), {
    ...{ kind: 'hello', serverName: 'packages.example', isEncrypted: false },
  })
  assert.equal(readClientHello(await helloOf(undefined)), { kind: 'hello', serverName: undefined, isEncrypted: false })
})

test('a part of it asks for more, wherever it was cut', async () => {
  const bytes = await helloOf('packages.example')
  for (let end = 0; end < bytes.length; end += 1)
    assert.is(readClientHello(bytes.subarray(0, end)).kind, 'more', `${end}`)
})

test('one that comes in many records is read as one', async () => {
  const bytes = await helloOf('packages.example')
  const body = bytes.subarray(5)
  const records = Array.from({ length: Math.ceil(body.length / 7) }, (_, at) => {
    const part = body.subarray(at * 7, at * 7 + 7)
    return Buffer.concat([Buffer.from([22, 3, 1, 0, part.length]), part])
  })
  assert.is((readClientHello(Buffer.concat(records)) as { serverName?: string }).serverName, 'packages.example')
})

test('plain HTTP, SSH and other messages are strange', () => {
  for (const text of ['GET / HTTP/1.1\r\n', 'SSH-2.0-x\r\n', '\u0016\u0002', '\u0016\u0003\u0001\u0000\u0000'])
    assert.is(readClientHello(Buffer.from(text, 'latin1')).kind, 'strange', text)
  assert.is(readClientHello(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])).kind, 'strange')
  assert.is(readClientHello(Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255])).kind, 'strange')
})

test('an encrypted name is told, and two names are strange', () => {
  const hello = (extensions: number[]) => {
    const length = extensions.length
    const body = [
      3,
      3,
      ...Array.from({ length: 32 }, () => 0),
      0,
      0,
      2,
      19,
      1,
      1,
      0,
      length >> 8,
      length & 255,
      ...extensions,
    ]
    const message = [1, 0, body.length >> 8, body.length & 255, ...body]
    return readClientHello(Uint8Array.from([22, 3, 1, message.length >> 8, message.length & 255, ...message]))
  }
  const named = (letter: number) => [0, 0, 0, 6, 0, 4, 0, 0, 1, letter]
  assert.equal(hello([...named(97), 0xfe, 0x0d, 0, 0]), { kind: 'hello', serverName: 'a', isEncrypted: true })
  assert.is(hello([...named(97), ...named(98)]).kind, 'strange')
  assert.is(hello([0, 0, 0, 9, 0, 7, 0, 0, 1, 97, 0, 0, 1]).kind, 'strange')
})

test('whatever bytes come, an answer comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const framed = Buffer.concat([
        Buffer.from([22, 3, 1, 0, bytes.length, 1, 0, 0, Math.max(0, bytes.length - 4)]),
        bytes,
      ])
      assert.ok(['more', 'strange', 'hello'].includes(readClientHello(bytes).kind))
      assert.ok(['more', 'strange', 'hello'].includes(readClientHello(framed).kind))
    }),
    { ...seeded, numRuns: 1000 },
  )
})

test.run()
