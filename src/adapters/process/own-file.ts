/**
 * Files that only their owner should be able to read or write: keys, pins, secrets and the settings beside them.
 *
 * Looked at and read by one descriptor, so that what was judged is what is used.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type OwnFile =
  | { readonly kind: 'absent' }
  /** The system refuses it, or it is no regular file. */
  | { readonly kind: 'unreadable'; readonly cause: unknown }
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** `mode`: permission bits; of Windows 0, since there the folder's own access list protects. */
  | { readonly kind: 'read'; readonly text: string; readonly mode: number }

type Read = Extract<OwnFile, { kind: 'read' }>

export async function readOwnFile(path: string, mostBytes: number): Promise<OwnFile> {
  try {
    // A pipe in its place would keep whoever opens it waiting. Windows has no such flag.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      if (!found.isFile()) return { kind: 'unreadable', cause: new Error('it is no regular file') }
      if (found.size > mostBytes) return { kind: 'too-large', bytes: found.size }
      const mode = process.platform === 'win32' ? 0 : found.mode & 0o777
      return { kind: 'read', text: await file.readFile('utf8'), mode }
    } finally {
      await file.close()
    }
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    return isAbsent ? { kind: 'absent' } : { kind: 'unreadable', cause }
  }
}

export function othersMayWrite({ mode }: Read): boolean {
  return (mode & 0o022) !== 0
}

/** Read, write or run. */
export function othersMayUse({ mode }: Read): boolean {
  return (mode & 0o077) !== 0
}
