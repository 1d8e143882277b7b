/** Run a program that a person named, without a shell: no text of a board is ever a word of a command line. */
import { spawn } from 'node:child_process'

export interface ProgramRun {
  /** The program and its arguments, as they are. */
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: string
  /** It is killed after this. */
  readonly timeoutMs: number
}

/** Its exit status, or why there is none. Never rejects. */
export function runProgram({ command, cwd, environment, input, timeoutMs }: ProgramRun): Promise<number | string> {
  const [program, ...args] = command
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: environment,
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    })
    child.on('error', ({ message }) => resolve(message))
    child.on('close', (code, signal) => resolve(code ?? `it was ended by ${signal}`))
    // A program that does not read what it is given closes its input: its status tells.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
