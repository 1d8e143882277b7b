/** Whole lines at the end of a file that another program appends to. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, stat } from 'node:fs/promises'

export interface TailMark {
  /** Bytes that were read: up to behind the last end of a line. */
  readonly offset: number
  /** SHA-256 of up to 256 bytes before `offset`: another text there is another file. */
  readonly print: string
}

export interface Tail {
  readonly kind: 'grown' | 'begun' | 'replaced'
  /** Of `grown`: all since the mark. Of the others: some of the last lines, to know what was counted before. */
  readonly lines: readonly string[]
  /** Were all lines of the file read? */
  readonly whole: boolean
  readonly mark: TailMark
}

/** Bytes that are read at once; a session of a day writes less between a claim and its end. */
const MOST = 64 * 1024 * 1024
const PRINT = 256
const LINE_FEED = 0x0a

/**
 * What was written since the mark. `begun` without a mark, `replaced` where what stands before the mark is not what was
 * read: then the last `window` bytes.
 *
 * @throws what the file system throws
 */
export async function readTail(path: string, mark: TailMark | undefined, window: number): Promise<Tail | undefined> {
  // Asked first: opening a pipe waits until somebody writes to it.
  if (!(await stat(path)).isFile()) return undefined
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const goesOn = mark !== undefined && size >= mark.offset && (await printAt(file, mark.offset)) === mark.print
    const grown = goesOn && size - mark.offset <= MOST
    const from = grown ? mark.offset : Math.max(0, size - window)
    const bytes = await readRange(file, from, size)
    // Half a line at the end is still being written; half a line at the beginning of a window is no line.
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    const begin = grown || from === 0 ? 0 : Math.min(end, bytes.indexOf(LINE_FEED) + 1)
    const offset = from + end
    return {
      kind: grown ? 'grown' : mark === undefined ? 'begun' : 'replaced',
      lines: bytes.subarray(begin, end).toString('utf8').split('\n').slice(0, -1),
      whole: from === 0,
      mark: { offset, print: await printAt(file, offset) },
    }
  } finally {
    await file.close()
  }
}

async function printAt(file: FileHandle, offset: number): Promise<string> {
  const bytes = await readRange(file, Math.max(0, offset - PRINT), offset)
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

async function readRange(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from)
  let read = 0
  while (read < bytes.length) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, from + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}
