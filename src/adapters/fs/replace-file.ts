/** Files that are there whole or not at all, whoever else reads or writes them at that moment. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** What Windows answers while another process has the target open. */
const HELD_OPEN = new Set(['EPERM', 'EACCES', 'EBUSY'])
const WAITS_MS = [5, 10, 20, 40, 80, 160, 320]

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

/** Text in UTF-8, or bytes in parts. */
type Content = string | readonly Uint8Array[]

/** What may be done with a file and the folders that are made for it, before the umask takes its part. */
interface Modes {
  readonly file: number
  readonly folder: number
}

const ORDINARY: Modes = { file: 0o666, folder: 0o777 }

/** Replace the file by this: written beside it, then renamed over it. Folders are made as needed. */
export async function replaceFile(path: string, content: Content, modes: Modes = ORDINARY): Promise<void> {
  const beside = await writeBeside(path, content, modes)
  try {
    await renameOver(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/**
 * Create a file that only its owner can read, unless it exists: of many at once, one wins and
 * `created` is the others' `false`. Made by a link, because a rename would replace the winner's.
 */
export async function createPrivateFile(path: string, text: string): Promise<{ readonly created: boolean }> {
  const beside = await writeBeside(path, text, { file: 0o600, folder: 0o700 })
  try {
    await link(beside, path)
    return { created: true }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { created: false }
    return await createInPlace(path, text)
  } finally {
    await rm(beside, { force: true })
  }
}

/** For file systems without links: the name is taken exclusively, but a reader may see it half written. */
async function createInPlace(path: string, text: string): Promise<{ readonly created: boolean }> {
  try {
    await writeNew(path, text, 0o600)
    return { created: true }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { created: false }
    throw error
  }
}

async function writeBeside(path: string, content: Content, mode: Modes): Promise<string> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeNew(beside, content, mode.file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true, mode: mode.folder })
    await writeNew(beside, content, mode.file)
  }
  return beside
}

async function writeNew(path: string, content: Content, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    if (typeof content === 'string') await file.writeFile(content, 'utf8')
    else await file.writev([...content])
  } finally {
    await file.close()
  }
}

async function renameOver(from: string, to: string): Promise<void> {
  for (const waitMs of WAITS_MS) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (!HELD_OPEN.has(codeOf(error) ?? '')) throw error
      await delay(waitMs)
    }
  }
  await rename(from, to)
}
