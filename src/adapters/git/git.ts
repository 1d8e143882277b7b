/**
 * The one place where git is started.
 *
 * `runGit` (simple-git) is for everything that moves refs or talks to a remote; `spawnGit` for
 * plumbing that needs bytes or a process that stays. Neither uses a shell. An exit status is a
 * value here, because most callers must read the answer before they can tell what it means.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { SimpleGitOptions } from 'simple-git'
import { IfBoardError, printable } from '../../model/index.ts'
import { type Environment, FIXED_SETTINGS, gitEnvironment, type Setting } from './environment.ts'

/** Where and with what a git command runs. */
export interface GitPlace {
  /** Current directory: relative remote URLs are resolved from here. */
  readonly cwd: string
  /** Named with `--git-dir`; `undefined` lets git look for a repository itself. */
  readonly gitDir: string | undefined
  readonly environment: Environment
  /** Handed over in GIT_CONFIG_PARAMETERS, never in argv: they may hold credentials. */
  readonly settings?: readonly Setting[]
  /** Leave GIT_DIR and its like in: only to ask git which repository a person means. */
  readonly keepLocalVariables?: boolean
}

export interface GitCall {
  readonly args: readonly string[]
  /** Standard input; none = closed at once. */
  readonly input?: string
  /** The command is stopped after this time; default: never. */
  readonly timeoutMs?: number
}

export interface GitAnswer {
  /** Exit status; -1 when git was stopped or could not be started. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/** Time that a command may take that talks to a remote. */
export const REMOTE_TIMEOUT_MS = 60_000
/** How long a stopped command may take to end before it is left alone. */
const STOP_GRACE_MS = 2_000

let started = 0

/** How many git commands this process has started: a figure of the bench and of `--debug`. */
export function gitCommandCount(): number {
  return started
}

/**
 * simple-git refuses settings and variables that can name programs, to protect callers that pass
 * arguments from outside. Here every argument is built by us from checked names, and the
 * environment is the user's own: GIT_SSH_COMMAND or a credential helper must work as they do for git.
 */
const OWN_ARGUMENTS: NonNullable<SimpleGitOptions['unsafe']> = {
  allowAbbreviatedOptions: true,
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeEditor: true,
  allowUnsafeMergeDriver: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafePack: true,
  allowUnsafeSshCommand: true,
  allowUnsafeGitProxy: true,
  allowUnsafeExec: true,
  allowUnsafeHooksPath: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGpgProgram: true,
  allowUnsafePager: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeInclude: true,
  allowUnsafeSubmodule: true,
  allowUnsafeUrlRewrite: true,
}

/** Run one command to its end; rejects only when git itself cannot be started. */
export async function runGit(place: GitPlace, { args, input, timeoutMs }: GitCall): Promise<GitAnswer> {
  // Loaded on use: a session that asks what it holds starts plumbing alone, and the library takes 15 ms.
  const { simpleGit } = await import('simple-git')
  const environment = gitEnvironment(place)
  const stop = new AbortController()
  // The library would throw an error of its own.
  if (!existsSync(place.cwd)) throw notStarted(place)
  let answer: GitAnswer = { exitCode: -1, stdout: '', stderr: '', timedOut: false }
  const git = simpleGit({
    baseDir: place.cwd,
    abort: stop.signal,
    allowEnvironment: Object.keys(environment),
    completion: { onClose: true, onExit: false },
    // An empty text still closes standard input: a `--stdin` command without it waits for ever.
    input: () => input ?? '\n',
    errors: (_error, { exitCode, stdOut, stdErr }) => {
      answer = {
        exitCode: exitCode ?? -1,
        stdout: Buffer.concat(stdOut).toString('utf8'),
        stderr: Buffer.concat(stdErr).toString('utf8'),
        timedOut: stop.signal.aborted,
      }
      return undefined
    },
    unsafe: OWN_ARGUMENTS,
  })
    .env(environment)
    .outputHandler(noPauseAfterSilence)
  started += 1
  const deadline = timeoutMs === undefined ? undefined : startDeadline(timeoutMs, stop)
  try {
    const done = git.raw(argumentsFor(place, args)).then(() => answer)
    answer = await (deadline === undefined ? done : Promise.race([done, deadline.passed]))
  } finally {
    deadline?.cancel()
  }
  if (answer.exitCode < 0 && answer.stderr.includes('ENOENT')) throw notStarted(place)
  return answer
}

/** Start a command whose input and output are bytes; the caller reads its end. */
export function spawnGit(place: GitPlace, args: readonly string[]): ChildProcessWithoutNullStreams {
  started += 1
  return spawn('git', argumentsFor(place, args), {
    cwd: place.cwd,
    env: gitEnvironment(place),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
}

/** Feed bytes to a plumbing command and wait for its end. */
export function pipeGit(place: GitPlace, args: readonly string[], input: Uint8Array): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawnGit(place, args)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (cause) => reject(notStarted(place, cause)))
    child.on('close', (code) =>
      resolve({
        exitCode: code ?? -1,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
        timedOut: false,
      }),
    )
    // A command that ends early closes its input; its status tells why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** The failure of a command that had no reason to fail. */
export function gitFailed(what: string, { stderr, exitCode, timedOut }: GitAnswer): IfBoardError {
  const why = timedOut ? 'it took too long' : reasonOf(stderr) || `exit status ${exitCode}`
  return new IfBoardError('git/failed', `git could not ${what}: ${why}`)
}

/** The line of git's talk that says why, printable and without credentials. */
export function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => /^(?:fatal|error|remote|ERROR|ssh|.*denied|.*errno=)\b/.test(line))
  const first = (telling.length > 0 ? telling : lines.filter((line) => line !== '')).slice(0, 2).join('; ')
  return printable(withoutCredentials(first), 300)
}

/** The lock file that git could not create because it is there, printable. */
export function lockIn(stderr: string): string | undefined {
  const path = /Unable to create '(.+?\.lock)': File exists/.exec(stderr)?.[1]
  return path === undefined ? undefined : printable(path, 1_000)
}

/** URLs in a text without the name and password before their host. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*@/gi, '$1')
}

function argumentsFor({ gitDir }: GitPlace, args: readonly string[]): string[] {
  return gitDir === undefined ? [...FIXED_SETTINGS, ...args] : [`--git-dir=${gitDir}`, ...FIXED_SETTINGS, ...args]
}

/** simple-git waits 50 ms after a command that printed nothing; an empty chunk at its end counts as output. */
function noPauseAfterSilence(_command: string, stdout: NodeJS.ReadableStream): void {
  stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)))
}

interface Deadline {
  readonly passed: Promise<GitAnswer>
  cancel(): void
}

function startDeadline(timeoutMs: number, stop: AbortController): Deadline {
  const timers: NodeJS.Timeout[] = []
  const passed = new Promise<GitAnswer>((resolve) => {
    const end = () => {
      stop.abort()
      const answer: GitAnswer = { exitCode: -1, stdout: '', stderr: '', timedOut: true }
      timers.push(setTimeout(() => resolve(answer), STOP_GRACE_MS))
    }
    timers.push(setTimeout(end, timeoutMs))
  })
  return { passed, cancel: () => timers.forEach(clearTimeout) }
}

/** A program that is not there and a folder that is not there fail alike. */
function notStarted({ cwd }: GitPlace, cause?: unknown): IfBoardError {
  if (!existsSync(cwd)) return new IfBoardError('git/failed', `there is no folder \`${printable(cwd)}\``, { cause })
  return new IfBoardError('repo/git-too-old', 'the program `git` was not found', {
    hint: 'Install git 2.30 or newer and see that `git --version` works here',
    cause,
  })
}
