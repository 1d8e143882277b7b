/** Files that a person named, for commands that need no repository. */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
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
