/** Pinned programs as a file beside the hub, mode 0600: `<git directory>/if-board/commands.json`. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { IfBoardError } from '../../model/index.ts'
import type { CommandPins, ProgramPin } from '../../ports/index.ts'
import { codeOf, replaceFile } from './replace-file.ts'

const OTHERS_MAY_WRITE = 0o022
const MAX_BYTES = 256 * 1024

export function fileCommandPins(folder: string): CommandPins {
  const path = join(folder, 'commands.json')
  return {
    async read() {
      const text = await readText(path)
      const pins = parsePins(text ?? '{}')
      if (pins === undefined) throw unreadable(path, 'is not what if-board writes there')
      return pins
    },
    write: (pins) =>
      replaceFile(path, `${JSON.stringify(Object.fromEntries(pins), null, 2)}\n`, { file: 0o600, folder: 0o777 }),
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { mode, size } = await file.stat()
      // On Windows the folder's own access list protects.
      if (process.platform !== 'win32' && (mode & OTHERS_MAY_WRITE) !== 0)
        throw unreadable(path, 'can be written by others', `Look what is in it, then: chmod 600 ${path}`)
      if (size > MAX_BYTES) throw unreadable(path, `has ${size} bytes`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof IfBoardError) throw error
    throw unreadable(path, 'cannot be read', `Make \`${path}\` readable for yourself`, error)
  }
}

function unreadable(path: string, why: string, hint?: string, cause?: unknown): IfBoardError {
  return new IfBoardError(
    'executor/pins-unreadable',
    `the pinned programs in \`${path}\` cannot be trusted: it ${why}`,
    {
      hint:
        hint ??
        'Put the file back from a copy, or write `{}` into it and pin each program again: if-board run --pin NAME',
      cause,
    },
  )
}

/** `undefined`: not all of it is understood, so none of it counts. */
function parsePins(text: string): Map<string, ProgramPin> | undefined {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, ProgramPin>)
    return entries.every(([, pin]) => isPin(pin)) ? new Map(entries) : undefined
  } catch {
    return undefined
  }
}

function isPin(pin: Partial<ProgramPin> | null): boolean {
  const texts = [pin?.program, pin?.path, pin?.realPath, pin?.state ?? 'unknown']
  return texts.every((text) => typeof text === 'string' && text !== '') && /^[0-9a-f]{64}$/.test(pin?.sha256 ?? '')
}
