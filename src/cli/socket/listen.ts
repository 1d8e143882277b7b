/** Where the watcher listens: a socket in a folder of this user alone, or a named pipe, and the note that says so. */
import { randomBytes } from 'node:crypto'
import { lstat, mkdtemp, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { NOTE_FILE, parseNote, renderNote } from './note.ts'

export interface Listening {
  close(): Promise<void>
}

export interface ListenRequest {
  /** Where the note goes; the folder is there. */
  readonly folder: string
  readonly build: string
  readonly receive: (socket: Socket) => void
}

const PREFIX = 'if-board-'
/** `sun_path` has 104 bytes on macOS and the BSDs, 108 on Linux (unix(4), unix(7)), with a zero at its end. */
const MAX_PATH_BYTES = 103
const MOST_CONNECTIONS = 128

/** `undefined`: not here, such as under a temporary folder with a long path; commands do their work themselves then. */
export async function listen({ folder, build, receive }: ListenRequest): Promise<Listening | undefined> {
  const notePath = join(folder, NOTE_FILE)
  // Only who holds the lock of the watcher comes here: what is noted is nobody's any more.
  await removePlace(parseNote(await readFile(notePath, 'utf8').catch(() => ''))?.path)
  const path = await newPlace()
  if (path === undefined) return undefined
  const server = createServer(receive)
  server.maxConnections = MOST_CONNECTIONS
  try {
    await listenOn(server, path)
    const beside = `${notePath}.${process.pid}`
    await writeFile(beside, renderNote({ build, path }), { mode: 0o600 })
    await rename(beside, notePath)
  } catch {
    server.close()
    await removePlace(path)
    return undefined
  }
  return {
    async close() {
      const noted = parseNote(await readFile(notePath, 'utf8').catch(() => ''))
      if (noted?.path === path) await rm(notePath, { force: true })
      server.close()
      await removePlace(path)
    },
  }
}

/** `mkdtemp` makes its folder for the user alone (mkdtemp(3)), so the socket in it is nobody else's from the start. */
export async function newPlace(): Promise<string | undefined> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${PREFIX}${randomBytes(16).toString('hex')}`
  const stem = join(tmpdir(), PREFIX)
  if (Buffer.byteLength(`${stem}XXXXXX/s`) > MAX_PATH_BYTES) return undefined
  const folder = await mkdtemp(stem).catch(() => undefined)
  return folder === undefined ? undefined : join(folder, 's')
}

/** A folder that this program made for one socket; nothing else is ever removed, whatever a note says. */
export async function removePlace(path: string | undefined): Promise<void> {
  if (path === undefined || process.platform === 'win32') return
  const folder = dirname(path)
  const isSocketOfOurs = basename(path) === 's' && /^if-board-[A-Za-z0-9]{6}$/.test(basename(folder))
  const entry = isSocketOfOurs ? await lstat(folder).catch(() => undefined) : undefined
  if (entry?.isDirectory() !== true || entry.uid !== process.getuid?.()) return
  await rm(path, { force: true })
  // Empty now; else it is no folder of ours.
  await rmdir(folder).catch(() => undefined)
}

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      // An accept that fails, such as for want of a descriptor, is told to nobody: who asked does it by himself.
      server.off('error', reject).on('error', () => undefined)
      resolve()
    })
  })
}
