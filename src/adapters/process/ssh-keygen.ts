/**
 * The operator's SSH key, by `ssh-keygen -Y sign` (ssh-keygen(1)): it knows passphrases, ssh-agent(1) and tokens, and no
 * secret ever passes through this process. Started with a list of arguments, never through a shell.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { IfBoardError, printable } from '../../model/index.ts'
import type { OperatorKey } from '../../ports/index.ts'

export interface KeygenKey {
  readonly name: string
  /**
   * A private key's file; a `.pub` file of a key that the agent holds; or that public key itself, as git-config(1)
   * writes it for `user.signingKey`: `key::ssh-ed25519 AAAA…`.
   */
  readonly key: string
  /** Where relative paths begin. */
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stop: AbortSignal
}

/** Far above the longest signature. */
const MAX_OUTPUT = 64 * 1024

export function keygenOperatorKey(from: KeygenKey): OperatorKey {
  return {
    name: from.name,
    async sign(namespace, text) {
      const literal = literalKey(from.key)
      if (literal === undefined) return signWith(from, resolve(from.cwd, from.key), { namespace, text })
      const folder = await mkdtemp(join(tmpdir(), 'if-board-key-'))
      try {
        const file = join(folder, 'key.pub')
        await writeFile(file, `${literal}\n`)
        return await signWith(from, file, { namespace, text })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** git takes `key::` and, from before that prefix, a bare key of the usual types. */
function literalKey(key: string): string | undefined {
  if (key.startsWith('key::')) return key.slice('key::'.length)
  return /^(?:ssh|ecdsa|sk-ssh)-\S+ \S/.test(key) ? key : undefined
}

interface ToSign {
  readonly namespace: string
  readonly text: string
}

async function signWith(from: KeygenKey, file: string, { namespace, text }: ToSign): Promise<string> {
  const ended = await run(from, ['-q', '-Y', 'sign', '-n', namespace, '-f', file], text)
  if (ended.status === 0) return ended.stdout
  const why = ended.stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  throw new IfBoardError(
    'operator/cannot-sign',
    `ssh-keygen did not sign with \`${printable(from.key, 200)}\`: ${printable(why.at(-1) ?? `exit status ${ended.status}`, 300)}`,
    {
      hint: 'Name the private key, or the .pub file of a key that ssh-agent holds (ssh-add -l shows them): --key FILE',
    },
  )
}

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function run({ cwd, environment, stop }: KeygenKey, args: readonly string[], input: string): Promise<Ended> {
  return new Promise((settle, reject) => {
    const child = spawn('ssh-keygen', args, {
      cwd,
      env: { ...environment, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: stop,
      windowsHide: true,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout = (stdout + chunk).slice(0, MAX_OUTPUT)))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-MAX_OUTPUT)))
    child.on('error', (cause) => reject(notRun(cause, stop)))
    child.on('close', (code) => settle({ status: code ?? -1, stdout, stderr }))
    // A program that ends early closes its input; its status tells why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

function notRun(cause: Error, stop: AbortSignal): IfBoardError {
  if (stop.aborted) return new IfBoardError('interrupted', 'interrupted while the key was asked to sign', { cause })
  return new IfBoardError('operator/cannot-sign', 'the program `ssh-keygen` was not found', {
    hint: 'Install OpenSSH 8.2 or newer and see that `ssh-keygen` can be called here',
    cause,
  })
}
