/** The note by which the proxy of this clone is found, and how it is asked for capabilities. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Hub } from '../../adapters/git/index.ts'
import { hmacSha256 } from '../../adapters/process/hashes.ts'
import { askProxy } from '../../adapters/proxy/ask.ts'
import { IfBoardError } from '../../model/index.ts'
import type { GrantAnswer } from '../../proxy/index.ts'

export { hmacSha256 }

/** Where a proxy of this clone listens. */
export interface ProxyPlace {
  readonly socket: string
  readonly port: number | undefined
}

const NOTE_FILE = 'proxy.place'

export async function writeNote(folder: string, { socket, port }: ProxyPlace): Promise<void> {
  const path = join(folder, NOTE_FILE)
  const beside = `${path}.${process.pid}`
  await writeFile(beside, `${JSON.stringify({ socket, ...(port === undefined ? {} : { port }) })}\n`, { mode: 0o600 })
  await rename(beside, path)
}

/** Another proxy may have left its own meanwhile. */
export async function removeNote(folder: string, { socket }: ProxyPlace): Promise<void> {
  if ((await readNote(folder))?.socket === socket) await rm(join(folder, NOTE_FILE), { force: true })
}

async function readNote(folder: string): Promise<ProxyPlace | undefined> {
  try {
    const { socket, port } = JSON.parse(await readFile(join(folder, NOTE_FILE), 'utf8')) as Record<string, unknown>
    return typeof socket === 'string' ? { socket, port: typeof port === 'number' ? port : undefined } : undefined
  } catch {
    return undefined
  }
}

export interface FoundProxy extends ProxyPlace {
  /** Rejects with `proxy/not-running`. */
  readonly post: (body: string) => Promise<GrantAnswer>
}

/** @throws IfBoardError `proxy/not-running` */
export async function findProxy({ hub }: { readonly hub: Hub }): Promise<FoundProxy> {
  const place = await readNote(dirname(hub.path))
  if (place === undefined) throw notRunning()
  const post = (body: string) =>
    askProxy(place, body).catch((cause: unknown) => {
      throw notRunning(cause)
    })
  return { ...place, post }
}

function notRunning(cause?: unknown): IfBoardError {
  return new IfBoardError('proxy/not-running', 'no proxy of this clone answers', {
    hint: 'Start one, in a terminal of its own: if-board proxy',
    cause,
  })
}
