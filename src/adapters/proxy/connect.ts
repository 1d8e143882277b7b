/** Connections to the very addresses that were judged; no name is looked up here. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Pool } from 'undici'

export interface Place {
  /** `http://host:port`, as `URL.origin` writes it. */
  readonly origin: string
  /** Tried in turn. */
  readonly addresses: readonly string[]
}

export interface Connections {
  /** A pool of connections to these addresses, kept for the next request. */
  pool(place: Place): Pool
  close(): Promise<void>
}

const CONNECT_MS = 10_000
const MAX_POOLS = 64

export function openConnections(ca: readonly string[] | undefined): Connections {
  const pools = new Map<string, Pool>()
  return {
    pool(place) {
      const name = `${place.origin} ${place.addresses.join(' ')}`
      const known = pools.get(name)
      if (known !== undefined) return known
      if (pools.size >= MAX_POOLS) closeOldest(pools)
      const pool = new Pool(place.origin, {
        connections: 32,
        pipelining: 1,
        keepAliveTimeout: 4_000,
        connect: (_, callback) => {
          connectTo(place, ca).then(
            (socket) => callback(null, socket),
            (error: Error) => callback(error, null),
          )
        },
      })
      pools.set(name, pool)
      return pool
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

/** Its requests under way go on. */
function closeOldest(pools: Map<string, Pool>): void {
  const [oldest] = pools
  if (oldest === undefined) return
  pools.delete(oldest[0])
  oldest[1].close().catch(() => undefined)
}

async function connectTo({ origin, addresses }: Place, ca: readonly string[] | undefined): Promise<Socket> {
  const url = new URL(origin)
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  let last: unknown
  for (const address of addresses) {
    try {
      const socket = await connectAddress(address, port)
      return url.protocol === 'https:' ? await secured(socket, url.hostname, ca) : socket
    } catch (error) {
      last = error
    }
  }
  throw last
}

export function connectAddress(address: string, port: number): Promise<Socket> {
  return opened(connectTcp({ host: address, port }), 'connect')
}

function secured(socket: Socket, hostname: string, ca: readonly string[] | undefined): Promise<Socket> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const name = isIP(host) === 0 ? { servername: host } : {}
  const trusted = ca === undefined ? {} : { ca: [...ca] }
  // Said here, so that no variable of the environment turns it off.
  const tls = connectTls({ socket, host, ...name, ...trusted, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true })
  return opened(tls, 'secureConnect')
}

function opened<S extends Socket>(socket: S, event: string): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' })), CONNECT_MS)
    socket.once('error', fail)
    socket.once(event, () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}
