/** Secrets, read when they are first needed and kept in memory for a while; never logged, never handed to anybody. */
import { execFile } from 'node:child_process'
import { othersMayUse, readOwnFile } from '../process/own-file.ts'
import type { ProxySettings, SecretPlan, SecretSource } from './settings.ts'

export type SecretOutcome =
  | {
      readonly kind: 'secret'
      readonly header: string
      /** The whole of the header field. */
      readonly value: string
      /** What no answer may hold. */
      readonly secret: string
    }
  | { readonly kind: 'refused'; readonly reason: string }

export interface Secrets {
  /** @param origin  to which it would go */
  for(name: string, origin: string): Promise<SecretOutcome>
}

const KEPT_MS = 5 * 60_000
const MAX_BYTES = 16 * 1024
const COMMAND_MS = 10_000
/** A shorter one is found in answers by chance, and guessed. */
const MIN_LENGTH = 8

export function openSecrets(
  { secrets }: Pick<ProxySettings, 'secrets'>,
  environment: Readonly<Record<string, string | undefined>>,
): Secrets {
  const kept = new Map<string, { readonly read: Promise<string>; readonly atMs: number }>()
  const read = (name: string, plan: SecretPlan): Promise<string> => {
    const known = kept.get(name)
    if (known !== undefined && performance.now() - known.atMs < KEPT_MS) return known.read
    const fresh = readSecret(plan.source, environment)
    kept.set(name, { read: fresh, atMs: performance.now() })
    fresh.catch(() => kept.delete(name))
    return fresh
  }
  return {
    async for(name, origin) {
      const plan = secrets.get(name)
      if (plan === undefined) return { kind: 'refused', reason: 'this machine has no secret of that name' }
      if (plan.origin !== origin) return { kind: 'refused', reason: 'the secret is for another origin' }
      try {
        const secret = await read(name, plan)
        return { kind: 'secret', header: plan.header, value: plan.prefix + secret, secret }
      } catch (error) {
        return { kind: 'refused', reason: error instanceof Unreadable ? error.message : 'the secret cannot be read' }
      }
    },
  }
}

/** In words of ours: what the system or a program says may hold the secret. */
class Unreadable extends Error {}

async function readSecret(
  source: SecretSource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const text = await textOf(source, environment)
  const secret = text.replace(/\r?\n$/, '')
  if (secret.length < MIN_LENGTH) throw new Unreadable('the secret is missing or too short')
  if (!/^[\x20-\x7e]+$/.test(secret)) throw new Unreadable('the secret has characters that no header can carry')
  return secret
}

async function textOf(source: SecretSource, environment: Readonly<Record<string, string | undefined>>) {
  switch (source.kind) {
    case 'env':
      return environment[source.name] ?? ''
    case 'file':
      return textOfFile(source.path)
    case 'command':
      return outputOf(source.argv)
  }
}

async function textOfFile(path: string): Promise<string> {
  const file = await readOwnFile(path, MAX_BYTES)
  if (file.kind !== 'read') throw new Unreadable('the file of the secret cannot be read')
  if (othersMayUse(file)) throw new Unreadable('others can read the file of the secret: chmod 600')
  return file.text
}

/** No shell; its standard error is nobody's. */
function outputOf([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const options = { timeout: COMMAND_MS, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES, windowsHide: true } as const
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(new Unreadable('the command of the secret failed'))
    })
    child.stdin?.end()
  })
}
