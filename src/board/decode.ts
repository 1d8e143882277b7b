/** Bytes of a file → text, before anything else looks at it. */
import type { BoardName, Diagnostic } from '../model/index.ts'
import { MAX_BOARD_BYTES, tooLarge } from './limits.ts'

/**
 * Decode UTF-8 strictly (RFC 3629). A byte order mark stays in the text, so that writing the text
 * back gives the same bytes. Over 8 MiB: `board/too-large`. NUL or invalid UTF-8: `board/not-text`.
 */
export function decodeBoard(bytes: Uint8Array, name: BoardName): { text: string } | { diagnostic: Diagnostic } {
  if (bytes.length > MAX_BOARD_BYTES) return { diagnostic: tooLarge(name) }
  const zero = bytes.indexOf(0)
  if (zero >= 0) return { diagnostic: notText(name, bytes.subarray(0, zero), 'a NUL byte') }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { diagnostic: notText(name, undefined, 'bytes that are no UTF-8') }
  }
}

function notText(name: BoardName, before: Uint8Array | undefined, found: string): Diagnostic {
  const line = before === undefined ? 1 : before.reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 1)
  return {
    code: 'board/not-text',
    severity: 'error',
    message: `a board is UTF-8 text; this file has ${found}`,
    hint: 'Save the file as UTF-8, or take it out of `boards` in the config',
    file: name,
    line,
    column: 1,
  }
}
