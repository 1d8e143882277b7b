/** Pinned operators as a file beside the hub, mode 0600: `<git directory>/if-board/operators`. */
import { join } from 'node:path'
import { IfBoardError } from '../../model/index.ts'
import type { OperatorPins } from '../../ports/index.ts'
import { othersMayWrite, readOwnFile } from '../process/own-file.ts'
import { replaceFile } from './replace-file.ts'

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
  const file = await readOwnFile(path, MAX_BYTES)
  if (file.kind === 'absent') return ''
  if (file.kind === 'too-large') throw unreadable(path, `has ${file.bytes} bytes`)
  if (file.kind === 'unreadable')
    throw unreadable(path, 'cannot be read', `Make \`${path}\` readable for yourself`, file.cause)
  if (!othersMayWrite(file)) return file.text
  throw unreadable(path, 'can be written by others', `Look who is in it, then: chmod 600 ${path}`)
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
