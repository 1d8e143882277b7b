/** Pinned operators as a file beside the hub, mode 0600: `<git directory>/if-board/operators`. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { IfBoardError } from '../../model/index.ts'
import type { OperatorPins } from '../../ports/index.ts'
import { codeOf, replaceFile } from './replace-file.ts'

const OTHERS_MAY_WRITE = 0o022
/** Some hundred keys of the longest kind. */
const MAX_BYTES = 256 * 1024

export function fileOperatorPins(folder: string): OperatorPins {
  const path = join(folder, 'operators')
  return {
    path,
    read: () => readPins(path),
    write: (text) => replaceFile(path, text, { file: 0o600, folder: 0o777 }),
  }
}

async function readPins(path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { mode, size } = await file.stat()
      // On Windows the folder's own access list protects.
      if (process.platform !== 'win32' && (mode & OTHERS_MAY_WRITE) !== 0)
        throw unreadable(path, 'can be written by others', `Look who is in it, then: chmod 600 ${path}`)
      if (size > MAX_BYTES) throw unreadable(path, `has ${size} bytes`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    if (error instanceof IfBoardError) throw error
    throw unreadable(path, 'cannot be read', `Make \`${path}\` readable for yourself`, error)
  }
}

function unreadable(path: string, why: string, hint?: string, cause?: unknown): IfBoardError {
  return new IfBoardError(
    'operator/pins-unreadable',
    `the pinned operators in \`${path}\` cannot be trusted: it ${why}`,
    {
      hint: hint ?? 'Put the file back from a copy, or write one line for each operator: NAME KEY-TYPE KEY',
      cause,
    },
  )
}
