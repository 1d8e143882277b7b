/** What leads out of a run: nothing, the network, or a socket that it may read. Servers and bwrap are real. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AskedOn, makeProject, type Project, runCode, textOf } from './ran.ts'

const test = suite<{ project: Project; hasBwrap: boolean }>('the way out of a command')

test.before(async (context) => {
  context.project = makeProject()
  context.hasBwrap = (await context.project.walled.layers()).includes('bwrap')
  if (!context.hasBwrap) console.log('skip: what needs bwrap, which does not work here')
})
test.after(({ project }) => project.remove())

test('inside bwrap without a network a port of this machine leads nowhere, and a socket in a folder that may be read leads out', async ({
  project,
  hasBwrap,
}) => {
  if (!hasBwrap) return
  const outside = makeProject()
  const socket = join(outside.root, 'proxy.sock')
  const servers = [createServer((peer) => peer.end('heard')), createServer((peer) => peer.end('heard'))] as const
  servers[0].listen(socket)
  servers[1].listen(0, '127.0.0.1')
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const { port } = servers[1].address() as AddressInfo
  const code = `
    const attempt = (where) => new Promise((resolve) => {
      const peer = require('node:net').connect(where).on('error', ({ code }) => resolve(code))
      peer.on('data', (data) => resolve(String(data)))
    })
    const [socket, port] = [${JSON.stringify(socket)}, ${port}]
    Promise.all([attempt({ path: socket }), attempt({ host: '127.0.0.1', port })]).then((all) => console.log(...all))`
  const seen = async (asked: AskedOn) => textOf((await runCode(project, code, asked)).stdout).trim()
  assert.is(await seen({ on: 'walled' }), 'ENOENT ECONNREFUSED')
  assert.is(await seen({ on: 'walled', reads: [outside.root] }), 'heard ECONNREFUSED')
  assert.is(await seen({ on: 'walled', network: 'host' }), 'ENOENT heard')
  assert.is(await seen({ on: 'plain' }), 'heard heard')
  for (const server of servers) server.close()
  outside.remove()
})

test.run()
