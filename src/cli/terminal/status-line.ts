/** One line that stays below what is printed (ECMA-48: EL erases it before it is written again). */

export interface StatusLine {
  /** A whole line, with its end, above the one that stays. */
  print(line: string): void
  /** The line that stays, no wider than the window. */
  show(line: string): void
  /** Leave nothing behind. */
  close(): void
}

const ERASE = '\r\u001b[K'

export function statusLine(write: (text: string) => void): StatusLine {
  let shown = ''
  return {
    print: (line) => write(`${ERASE}${line}${shown}`),
    show(line) {
      shown = line
      write(`${ERASE}${line}`)
    },
    close() {
      shown = ''
      write(ERASE)
    },
  }
}
