/**
 * What the machine of the proxy says for itself: where secrets come from and to which origin they may go, and which
 * addresses that are not public may be reached (docs/proxy.md). Never on a board, where every session can write.
 *
 *     {"secrets": {"NAME": {"origin": …, "header": …, "prefix": …, "env" | "file" | "command": …}},
 *      "private": {"ORIGIN": ["ADDRESS", "ADDRESS/BITS"]},
 *      "ca": "FILE"}
 *
 * The environment's IF_BOARD_PROXY_SETTINGS names the file, else it lies beside the hub. Relative paths are from there.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import { IfBoardError, printable } from '../../model/index.ts'
import { parseBlock } from '../../proxy/index.ts'
import { othersMayWrite, readOwnFile } from '../process/own-file.ts'

export interface ProxySettings {
  readonly secrets: ReadonlyMap<string, SecretPlan>
  /** By origin, as `URL.origin` writes it. */
  readonly private: ReadonlyMap<string, readonly string[]>
  /** Certificates that are believed, PEM; `undefined`: those of Node. */
  readonly ca: readonly string[] | undefined
}

export interface SecretPlan {
  /** The only place where it may go. */
  readonly origin: string
  /** Header field that carries it, in small letters. */
  readonly header: string
  /** What stands before it there. */
  readonly prefix: string
  readonly source: SecretSource
}

export type SecretSource =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly argv: readonly [string, ...string[]] }

const MAX_BYTES = 256 * 1024
const NOTHING: ProxySettings = { secrets: new Map(), private: new Map(), ca: undefined }

/**
 * @param file  that is read unless the environment names another; it need not be there
 * @throws IfBoardError `proxy/settings`
 */
export async function proxySettings(
  environment: Readonly<Record<string, string | undefined>>,
  file: string,
): Promise<ProxySettings> {
  const named = environment.IF_BOARD_PROXY_SETTINGS
  const path = named ?? file
  const found = await readOwnFile(path, MAX_BYTES)
  if (found.kind === 'absent' && named === undefined) return NOTHING
  if (found.kind !== 'read') throw wrong(path, 'it cannot be read')
  // Whoever may write it has any program run that it names.
  if (othersMayWrite(found)) throw wrong(path, 'others can write it', 'Let its owner alone write it: chmod go-w')
  return readSettings(path, parse(path, found.text))
}

function parse(path: string, text: string): Fields {
  try {
    return fieldsOf(path, 'the file', JSON.parse(text), ['secrets', 'private', 'ca'])
  } catch (error) {
    if (error instanceof IfBoardError) throw error
    throw wrong(path, 'it is no JSON')
  }
}

type Fields = ReadonlyMap<string, unknown>

async function readSettings(path: string, fields: Fields): Promise<ProxySettings> {
  const secrets = fieldsOf(path, '`secrets`', fields.get('secrets') ?? {})
  const origins = fieldsOf(path, '`private`', fields.get('private') ?? {})
  const ca = fields.get('ca')
  return {
    secrets: new Map([...secrets].map(([name, plan]) => [name, planOf(path, name, plan)])),
    private: new Map([...origins].map(([origin, blocks]) => [originOf(path, origin), blocksOf(path, origin, blocks)])),
    ca: ca === undefined ? undefined : [...rootCertificates, await certificate(path, ca)],
  }
}

function planOf(path: string, name: string, value: unknown): SecretPlan {
  const known = ['origin', 'header', 'prefix', 'env', 'file', 'command']
  const fields = fieldsOf(path, `secret \`${printable(name, 60)}\``, value, known)
  const text = (field: string, otherwise?: string) => {
    const found = fields.get(field) ?? otherwise
    if (typeof found === 'string') return found
    throw wrong(path, `secret \`${printable(name, 60)}\`: \`${field}\` is no text`)
  }
  const header = text('header', 'authorization').toLowerCase()
  const prefix = text('prefix', header === 'authorization' ? 'Bearer ' : '')
  if (!/^[a-z0-9-]{1,100}$/.test(header) || FRAMING.includes(header) || !/^[\x20-\x7e]{0,100}$/.test(prefix))
    throw wrong(path, `secret \`${printable(name, 60)}\`: no header can carry it so`)
  return { origin: originOf(path, text('origin')), header, prefix, source: sourceOf(path, name, fields) }
}

/** Fields by which a message is read are no place for a secret. */
const FRAMING: readonly string[] = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'via']

function sourceOf(path: string, name: string, fields: Fields): SecretSource {
  const [env, file, command] = [fields.get('env'), fields.get('file'), fields.get('command')]
  const given = [env, file, command].filter((one) => one !== undefined)
  if (given.length === 1 && typeof env === 'string') return { kind: 'env', name: env }
  if (given.length === 1 && typeof file === 'string') return { kind: 'file', path: resolve(dirname(path), file) }
  if (given.length === 1 && Array.isArray(command) && isArgv(command)) return { kind: 'command', argv: command }
  throw wrong(path, `secret \`${printable(name, 60)}\`: expected one of \`env\`, \`file\` and \`command\``)
}

function isArgv(command: unknown[]): command is [string, ...string[]] {
  return command.length > 0 && command[0] !== '' && command.every((word) => typeof word === 'string')
}

function originOf(path: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.username === ''
  )
    return url.origin
  throw wrong(path, `\`${printable(text, 100)}\` is no origin such as https://api.example.com`)
}

function blocksOf(path: string, origin: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((block) => typeof block === 'string' && parseBlock(block) !== undefined))
    return value as string[]
  throw wrong(path, `\`${printable(origin, 100)}\`: expected a list of addresses such as 127.0.0.1 or 10.1.0.0/16`)
}

async function certificate(path: string, file: unknown): Promise<string> {
  const text = typeof file === 'string' ? await readFile(resolve(dirname(path), file), 'utf8').catch(() => '') : ''
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw wrong(path, '`ca` names no PEM file that can be read')
}

function fieldsOf(path: string, what: string, value: unknown, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, `${what} is no JSON object`)
  const fields = new Map<string, unknown>(Object.entries(value))
  const strange = [...fields.keys()].find((name) => known?.includes(name) === false)
  if (strange !== undefined) throw wrong(path, `${what} has \`${printable(strange, 60)}\`, which is not known`)
  return fields
}

function wrong(path: string, message: string, hint = 'Correct the file: docs/proxy.md of if-board'): IfBoardError {
  return new IfBoardError('proxy/settings', `settings of the proxy, \`${printable(path, 200)}\`: ${message}`, { hint })
}
