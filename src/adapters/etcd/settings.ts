/**
 * Where etcd is, and who asks: from the environment, else from a file of this clone, else from the boards' own
 * configuration, which names endpoints alone. Secrets never stand on a board.
 *
 *     IF_BOARD_ETCD_ENDPOINTS   https://a.example:2379,https://b.example:2379
 *     IF_BOARD_ETCD_USER        and IF_BOARD_ETCD_PASSWORD
 *     IF_BOARD_ETCD_CA          paths of PEM files: authority, certificate and key of the client
 *     IF_BOARD_ETCD_CERT        and IF_BOARD_ETCD_KEY
 *     IF_BOARD_ETCD_SETTINGS    path of the file, if it is not `etcd.json` in the clone's if-board folder
 *
 * The file is a JSON object with the same names in small letters: {"endpoints": ["…"], "user": …, "password": …,
 * "ca": …, "cert": …, "key": …}; what it names by a relative path lies beside it. With a password in it, nobody else
 * may read it.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { IfBoardError, printable } from '../../model/index.ts'
import { othersMayUse, readOwnFile } from '../process/own-file.ts'
import type { Endpoint, EtcdSettings } from './connection.ts'

export interface SettingsSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The file that is read unless the environment names another; it need not be there. */
  readonly file: string
  /** Of the boards' configuration. */
  readonly endpoints: readonly string[]
}

const NAMES = ['endpoints', 'user', 'password', 'ca', 'cert', 'key'] as const
type Name = (typeof NAMES)[number]
type Texts = { readonly [N in Name]?: string }
const MAX_FILE_BYTES = 64 * 1024
const MAX_ENDPOINTS = 16
const FILE_MODE_HINT = 'Let its owner alone read it: chmod 600'

/**
 * `undefined`: no endpoint is named anywhere.
 *
 * @throws IfBoardError `fast/settings`
 */
export async function etcdSettings(sources: SettingsSources): Promise<EtcdSettings | undefined> {
  const { environment, endpoints: onBoard } = sources
  const file = environment.IF_BOARD_ETCD_SETTINGS ?? sources.file
  const fromFile = await readSettingsFile(file, environment.IF_BOARD_ETCD_SETTINGS !== undefined)
  const given = (name: Name) => environment[`IF_BOARD_ETCD_${name.toUpperCase()}`] ?? fromFile[name]
  const named =
    given('endpoints')
      ?.split(/[,\s]+/)
      .filter((text) => text !== '') ?? onBoard
  if (named.length === 0) return undefined
  if (named.length > MAX_ENDPOINTS) throw wrong(`more than ${MAX_ENDPOINTS} endpoints`)
  const pem = (name: 'ca' | 'cert' | 'key') => {
    const path = given(name)
    if (path === undefined) return undefined
    return readPem(environment[`IF_BOARD_ETCD_${name.toUpperCase()}`] ?? resolve(dirname(file), path), name)
  }
  const [ca, certificate, key] = await Promise.all([pem('ca'), pem('cert'), pem('key')])
  if ((certificate === undefined) !== (key === undefined)) throw wrong('a certificate and its key come together')
  const [name, password] = [given('user'), given('password')]
  if ((name === undefined) !== (password === undefined)) throw wrong('a user and its password come together')
  return {
    endpoints: named.map(toEndpoint),
    tls: { ...(ca && { ca }), ...(certificate && { certificate }), ...(key && { key }) },
    ...(name !== undefined && password !== undefined ? { user: { name, password } } : {}),
  }
}

/** @throws IfBoardError `fast/settings` */
export function toEndpoint(text: string): Endpoint {
  const match = /^(https?):\/\/([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5})\/?$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port < 1 || port > 65_535)
    throw wrong(
      `\`${printable(text.replace(/\/\/[^/]*@/, '//…@'), 100)}\` is no endpoint such as https://etcd.example:2379`,
    )
  return { address: `${match[2]}:${port}`, isSecure: match[1] === 'https' }
}

async function readSettingsFile(path: string, mustBeThere: boolean): Promise<Texts> {
  const found = await readOwnFile(path, MAX_FILE_BYTES)
  if (found.kind === 'absent' && !mustBeThere) return {}
  if (found.kind !== 'read') throw wrong(`${shown(path)} cannot be read`)
  const texts = parseSettings(found.text)
  if (texts === undefined) throw wrong(`${shown(path)} is not a JSON object of texts named ${NAMES.join(', ')}`)
  if (texts.password !== undefined && othersMayUse(found))
    throw new IfBoardError('fast/settings', `others can read the password in ${shown(path)}`, { hint: FILE_MODE_HINT })
  return texts
}

function parseSettings(text: string): Texts | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const entries = Object.entries(value).map(([name, one]) => [name, Array.isArray(one) ? one.join(',') : one])
    const isFine = entries.every(([name, one]) => NAMES.some((known) => known === name) && typeof one === 'string')
    return isFine ? Object.fromEntries(entries) : undefined
  } catch {
    return undefined
  }
}

async function readPem(path: string, what: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined || bytes.length > MAX_FILE_BYTES * 4 || !bytes.includes('-----BEGIN '))
    throw wrong(`${shown(path)} (${what}) is no PEM file that can be read`)
  return bytes
}

const shown = (path: string): string => `\`${printable(path, 200)}\``

function wrong(message: string): IfBoardError {
  return new IfBoardError('fast/settings', `settings of etcd: ${message}`, {
    hint: 'Correct the variables IF_BOARD_ETCD_…, the file or the configuration on the branch: docs/operations.md',
  })
}
