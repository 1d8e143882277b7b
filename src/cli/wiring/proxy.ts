/** The proxy's process: its key, its settings, and where it listens. */
import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hmacSha256, verifyEd25519 } from '../../adapters/process/hashes.ts'
import { IfBoardError, printable, type SessionName } from '../../model/index.ts'
import { openProxy } from '../../workflows/proxy/run.ts'
import type { Shell } from '../shell.ts'
import { newPlace, removePlace } from '../socket/listen.ts'
import type { Opened } from './open.ts'
import { type ProxyPlace, removeNote, writeNote } from './proxy-place.ts'
import { longLived } from './watch.ts'

export interface RunningProxy extends ProxyPlace {
  readonly aliases: readonly string[]
  close(): Promise<void>
}

export interface ProxyWish {
  /** Left out: one in a folder of this user alone. */
  readonly socket: string | undefined
  readonly port: number | undefined
}

const KEY_BYTES = 32
const KEEP_MS = 1_000
const HEAD_MS = 10_000
/** `sun_path` (unix(7)), with room for the zero at its end on every system. */
const MAX_SOCKET_BYTES = 103

/** @throws IfBoardError `proxy/settings`, `proxy/off`, `proxy/cannot-listen` */
export async function startProxy(
  opened: Opened,
  shell: Shell,
  self: SessionName,
  wish: ProxyWish,
): Promise<RunningProxy> {
  const { listenProxy, openConnections, openSecrets, proxySettings, systemResolve } = await import(
    '../../adapters/proxy/index.ts'
  )
  const folder = dirname(opened.hub.path)
  const settings = await proxySettings(shell.environment, join(folder, 'proxy.json'))
  const crypto = { hmac: hmacSha256, key: randomBytes(KEY_BYTES), verify: verifyEd25519 }
  const run = await openProxy(longLived(opened), self, crypto)
  const own = wish.socket === undefined ? await newPlace() : undefined
  const socket = wish.socket ?? own
  if (socket === undefined || Buffer.byteLength(socket) > MAX_SOCKET_BYTES) throw tooLong()
  const tools = {
    gate: run.gate,
    secrets: openSecrets(settings, shell.environment),
    connections: openConnections(settings.ca),
    resolve: systemResolve,
    private: settings.private,
    headMs: HEAD_MS,
  }
  const listening = await listenProxy(tools, { socket, port: wish.port }).catch(
    async (cause: NodeJS.ErrnoException) => {
      await removePlace(own)
      throw cannotListen(wish, cause)
    },
  )
  // Windows has no such bits; the name of a pipe is by chance.
  if (process.platform !== 'win32') await chmod(socket, 0o600)
  const place: ProxyPlace = { socket, port: listening.port }
  await writeNote(folder, place)
  const timer = setInterval(() => void run.keep().catch(() => undefined), KEEP_MS)
  return {
    ...place,
    aliases: run.aliases,
    async close() {
      clearInterval(timer)
      await run.keep().catch(() => undefined)
      await removeNote(folder, place)
      await listening.close()
      await removePlace(own)
    },
  }
}

function tooLong(): IfBoardError {
  return new IfBoardError('proxy/cannot-listen', `the path of a socket has at most ${MAX_SOCKET_BYTES} bytes`, {
    hint: 'Name a shorter one: if-board proxy --socket PATH',
  })
}

function cannotListen({ socket, port }: ProxyWish, cause: NodeJS.ErrnoException): IfBoardError {
  const where = [
    ...(socket === undefined ? [] : [`\`${printable(socket, 120)}\``]),
    ...(port === undefined ? [] : [`port ${port}`]),
  ]
  const why = cause.code === 'EADDRINUSE' ? 'something is there already' : (cause.code ?? cause.message)
  return new IfBoardError('proxy/cannot-listen', `cannot listen on ${where.join(' and ') || 'a socket'}: ${why}`, {
    hint: 'Choose another place: if-board proxy --socket PATH, or --port N',
    cause,
  })
}
