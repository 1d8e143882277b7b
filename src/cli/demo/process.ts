/** Child processes of the demo: real git and real `if-board`, argument lists only. */
import { spawn } from 'node:child_process'

export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
}

/** Run to the end; the status is data, a missing program is an error. */
function run(program: string, args: readonly string[], { cwd, env }: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ status: status ?? 130, stdout, stderr }))
  })
}

/** Git that must succeed, with an identity of its own so that a fresh machine needs no configuration. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = [
    '-c',
    'user.name=if-board demo',
    '-c',
    'user.email=demo@if-board.invalid',
    '-c',
    'commit.gpgSign=false',
  ]
  const { status, stdout, stderr } = await run('git', [...identity, ...args], { cwd })
  if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr.trim()}`)
  return stdout
}

/** This very program, once more. */
export function ifBoard(cwd: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  return run(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    cwd,
    env: { ...process.env, ...env, NO_COLOR: '1' },
  })
}

/** The object that a `--json` command printed; an error of the command is thrown with its message. */
export async function ifBoardJson<T>(cwd: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<T> {
  const { stdout, stderr, status } = await ifBoard(cwd, [...args, '--json'], env)
  try {
    return JSON.parse(stdout) as T
  } catch {
    throw new Error(`if-board ${args[0]} ended with ${status} and no JSON: ${stderr.trim().slice(0, 400)}`)
  }
}
