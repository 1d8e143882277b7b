import { execFile } from 'node:child_process'

const PROBE_MS = 5_000

/** Does this command end well here? Asked of what a system may have and forbid, with an empty environment. */
export function succeeds([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: PROBE_MS, env: {} }, (error) => resolve(error === null))
  })
}
