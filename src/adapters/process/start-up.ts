/** How long a program takes from its call to its end when it has nothing to do. */
import { execFile } from 'node:child_process'

const RUNS = 3
const TIMEOUT_MS = 10_000

/** Median of a few runs of `PROGRAM --version`, milliseconds; `undefined` where it does not run. */
export async function startUpMs(
  program: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number | undefined> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const before = performance.now()
    // On Windows what npm puts on PATH is a script of the shell.
    const options = { env: environment, timeout: TIMEOUT_MS, shell: process.platform === 'win32' }
    const ended = await new Promise<boolean>((resolve) =>
      execFile(program, ['--version'], options, (error) => resolve(error === null)),
    )
    if (!ended) return undefined
    times.push(performance.now() - before)
  }
  return times.sort((a, b) => a - b)[RUNS >> 1]
}
