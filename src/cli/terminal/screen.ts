/**
 * One screen that stays: drawn over without flicker, and the terminal given back as it was.
 *
 * Control sequences: ECMA-48 (CUP, EL, ED) and the private modes of DEC and xterm (25 the cursor,
 * 7 wrapping, 1049 the alternate screen), from xterm's "Control Sequences".
 */
import { writeSync } from 'node:fs'

export interface Screen {
  /** One line for each row of the window; what is too wide is cut by the terminal. */
  draw(lines: readonly string[]): void
  /** Resolves when a person typed `q`, or Ctrl-C. */
  readonly ended: Promise<'quit' | 'interrupted'>
  close(): void
}

const OPEN = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const CLOSE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const CTRL_C = '\u0003'

/** `resized` is called after the window changed. */
export function openScreen(resized: () => void): Screen {
  const { stdin, stdout } = process
  let end: (how: 'quit' | 'interrupted') => void = () => undefined
  const ended = new Promise<'quit' | 'interrupted'>((resolve) => {
    end = resolve
  })
  const onKey = (keys: Buffer) => {
    const text = keys.toString('latin1')
    if (text.includes(CTRL_C)) end('interrupted')
    else if (/q/i.test(text)) end('quit')
  }
  // Also when something ends the process from within; written at once, for nothing is flushed then.
  const restore = () => void writeSync(stdout.fd, CLOSE)
  process.once('exit', restore)
  stdout.on('resize', resized)
  // Raw, so that a key counts without Enter and is not shown; Ctrl-C is then a key as well.
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey).resume()
  stdout.write(OPEN)
  return {
    ended,
    // Each line is emptied before it is written: behind a line as wide as the window, that would take its last column.
    draw: (lines) => void stdout.write(`\u001b[H${lines.map((line) => `\u001b[K${line}`).join('\r\n')}`),
    close() {
      process.off('exit', restore)
      stdout.off('resize', resized)
      if (stdin.isTTY) stdin.off('data', onKey).setRawMode(false).pause()
      stdout.write(CLOSE)
    },
  }
}
