/** Pinned programs as a file beside the hub, mode 0600: `<git directory>/if-board/commands.json`. */
import { join } from 'node:path'
import { IfBoardError } from '../../model/index.ts'
import type { CommandPins, ProgramPin } from '../../ports/index.ts'
import { othersMayWrite, readOwnFile } from '../process/own-file.ts'
import { replaceFile } from './replace-file.ts'

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
  const file = await readOwnFile(path, MAX_BYTES)
  if (file.kind === 'absent') return undefined
  if (file.kind === 'too-large') throw unreadable(path, `has ${file.bytes} bytes`)
  if (file.kind === 'unreadable')
    throw unreadable(path, 'cannot be read', `Make \`${path}\` readable for yourself`, file.cause)
  if (!othersMayWrite(file)) return file.text
  throw unreadable(path, 'can be written by others', `Look what is in it, then: chmod 600 ${path}`)
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
