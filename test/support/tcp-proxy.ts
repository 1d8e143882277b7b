/** A network between a client and a server that a test can make slow, deaf or broken. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TcpProxy {
  /** `127.0.0.1:<port>`. */
  readonly address: string
  /** How long each piece of data waits, one way; a function is asked for each piece. */
  delayMs: number | (() => number)
  /** What a direction does from now on: pass it on, or lose it although the connection stays. */
  lose: { toServer: boolean; toClient: boolean }
  /** Every connection that is open now is reset. */
  cut(): Promise<void>
  close(): Promise<void>
}

export async function tcpProxy(target: string): Promise<TcpProxy> {
  const [host, port] = target.split(':')
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port), noDelay: true })
    client.setNoDelay(true)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    forward(client, upstream, () => proxy.lose.toServer)
    forward(upstream, client, () => proxy.lose.toClient)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const proxy: TcpProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    delayMs: 0,
    lose: { toServer: false, toClient: false },
    async cut() {
      const sockets = [...open]
      await Promise.all(
        sockets.map((socket) => {
          socket.resetAndDestroy()
          return socket.closed ? undefined : once(socket, 'close')
        }),
      )
    },
    async close() {
      server.close()
      await proxy.cut()
    },
  }

  function forward(from: Socket, to: Socket, isLost: () => boolean): void {
    let last = Promise.resolve()
    from.on('data', (bytes) => {
      if (isLost()) return
      const delay = typeof proxy.delayMs === 'number' ? proxy.delayMs : proxy.delayMs()
      if (delay === 0 && isIdle) return void to.write(bytes)
      isIdle = false
      const due = sleep(delay)
      // In their order, whatever each one waits.
      last = last.then(async () => {
        await due
        if (!to.destroyed) to.write(bytes)
      })
      const mine = last
      void mine.then(() => {
        if (mine === last) isIdle = true
      })
    })
    let isIdle = true
    from.on('close', () => void last.then(() => to.destroy()))
  }

  return proxy
}
