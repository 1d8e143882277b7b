/**
 * The real `if-board` in processes of their own: built once, then started like a coding tool starts it.
 *
 * `IF_BOARD_BIN` names another program to test, such as the one of an installed package.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from '../../scripts/build.mjs'
import type { Environment } from './git-servers.ts'

export interface Ran {
  /** Exit status; -1 when a signal ended it. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly finished: Promise<Ran>
  /** SIGKILL to the command and everything it started. */
  kill(): void
}

export interface Where {
  readonly cwd: string
  readonly env: Environment
}

/** Nothing in a test takes longer unless it is stuck; what it was told to `--wait` comes on top of it. */
export const STUCK_MS = 60_000

export const bin = process.env.IF_BOARD_BIN ?? (await builtHere())

async function builtHere(): Promise<string> {
  await build({ ifNeeded: true })
  return fileURLToPath(new URL('../../dist/if-board.cjs', import.meta.url))
}

/** Start a command in a process group of its own, so that it can be killed with its git commands. */
export function start({ cwd, env }: Where, ...args: readonly string[]): Running {
  const begun = performance.now()
  const child = spawn(process.execPath, [bin, ...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const stuck = setTimeout(() => killGroup(child), STUCK_MS + toldToWaitMs(args))
  const finished = new Promise<Ran>((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(stuck)
      resolve({ status: code ?? -1, stdout, stderr, ms: performance.now() - begun })
    })
  })
  return { finished, kill: () => killGroup(child) }
}

function toldToWaitMs(args: readonly string[]): number {
  const at = args.indexOf('--wait')
  const seconds = at < 0 ? 0 : Number(args[at + 1])
  // `fast up --wait` waits for as long as it takes.
  return Number.isFinite(seconds) ? seconds * 1000 : 0
}

export function run(where: Where, ...args: readonly string[]): Promise<Ran> {
  return start(where, ...args).finished
}

/** Statuses of what passes by itself, by their codes: etcd or the repository is busy with something else. */
const PASSING = /"code": ?"(?:fast\/unreached|authority\/)|\[(?:fast\/unreached|authority\/)|"kind": ?"unreached"/
const UNREACHABLE = 7

/** The same, asked again for a minute at most while etcd or the authority is not reached. */
export async function runPatiently(where: Where, ...args: readonly string[]): Promise<Ran> {
  const giveUpAt = performance.now() + 60_000
  for (;;) {
    const ran = await run(where, ...args)
    const isPassing = ran.status === UNREACHABLE && PASSING.test(ran.stdout + ran.stderr)
    if (!isPassing || performance.now() > giveUpAt) return ran
  }
}

/** What a `--json` command printed; its shape is the reader's business. */
// biome-ignore lint/suspicious/noExplicitAny: every command has a shape of its own, and tests look into many
export function jsonOf({ stdout, stderr }: Ran): any {
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`expected JSON, found \`${stdout.slice(0, 500)}\` and on stderr \`${stderr.slice(0, 500)}\``)
  }
}

/** One line about a run, for the message of an assertion. */
export function told({ status, stdout, stderr, ms }: Ran): string {
  return `status ${status} after ${Math.round(ms)} ms: ${stdout.trim()} ${stderr.trim()}`.slice(0, 900)
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
