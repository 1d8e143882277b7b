/** Files that a person named, for commands that need no repository. */
import { open, readdir } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { IfBoardError, printable } from '../model/index.ts'
import type { Shell } from './shell.ts'

const MAX_BYTES = 64 * 1024 * 1024

export interface NamedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export function readFiles(shell: Shell, names: readonly string[]): Promise<NamedFile[]> {
  return Promise.all(names.map((name) => readNamed(shell, name)))
}

/** Paths of all spellings of agents.md in the folders of these files, as they would be typed. */
export async function agentsFilesBeside(shell: Shell, names: readonly string[]): Promise<string[]> {
  const folders = new Set(names.map(dirname))
  const found = await Promise.all(
    [...folders].map(async (folder) => {
      const entries = await readdir(resolve(shell.cwd, folder)).catch(() => [])
      return entries.filter((name) => name.toLowerCase() === 'agents.md').map((name) => join(folder, name))
    }),
  )
  return found.flat().map((path) => path.replaceAll(sep, '/'))
}

async function readNamed(shell: Shell, name: string): Promise<NamedFile> {
  try {
    const file = await open(resolve(shell.cwd, name))
    try {
      const { size } = await file.stat()
      if (size > MAX_BYTES) throw new IfBoardError('board/too-large', `\`${printable(name, 200)}\` has ${size} bytes`)
      return { name, bytes: await file.readFile() }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof IfBoardError) throw cause
    const why =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'does not exist' : 'cannot be read'
    throw new IfBoardError('file/unreadable', `\`${printable(name, 200)}\` ${why}`, {
      hint: 'Name a file that is there, relative to where you are',
      cause,
    })
  }
}
