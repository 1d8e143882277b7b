/** A proxy in this process with a registry and a claim of the test's own; services and clients are real. */
import { execFile } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  listenProxy,
  openConnections,
  openSecrets,
  type ProxySettings,
  type Resolve,
} from '../../src/adapters/proxy/index.ts'
import { type Caveat, type Hmac, mintCapability } from '../../src/credentials/index.ts'
import type { TaskKey } from '../../src/model/ids.ts'
import { type ProxyAlias, toObjectId, toSessionName } from '../../src/model/index.ts'
import { type Call, Counts, type Standing } from '../../src/proxy/index.ts'
import { openGate } from '../../src/workflows/proxy/gate.ts'

const hmac: Hmac = (key, bytes) => createHmac('sha256', key).update(bytes).digest()

export interface ProxySetup {
  readonly aliases: readonly (Partial<ProxyAlias> & { readonly alias: string })[]
  readonly settings?: Partial<ProxySettings>
  readonly environment?: Readonly<Record<string, string>>
  readonly resolve?: Resolve
  readonly headMs?: number
}

export interface TestProxy {
  readonly port: number
  readonly socket: string
  /** For the first alias, unless a caveat says another. */
  capability(...caveats: Caveat[]): string
  /** What `HTTP_PROXY` would say. */
  url(capability: string): string
  /** What the log was told, in its order. */
  readonly calls: readonly Call[]
  standing: Standing
  nowMs: number
  close(): Promise<void>
}

const CLAIM = toObjectId('a'.repeat(40))
const SESSION = toSessionName('session-4')
const KEY = 'TASK-BOARD.md:P0.1' as TaskKey
const DEFAULTS = {
  connect: [],
  methods: ['GET', 'HEAD', 'POST', 'PUT'],
  paths: ['/**'],
  budget: {},
  microUsdPerRequest: 0,
}

export async function startProxy(setup: ProxySetup): Promise<TestProxy> {
  const key = randomBytes(32)
  const counts = new Counts()
  const calls: Call[] = []
  const registry = new Map(setup.aliases.map((alias) => [alias.alias, { ...DEFAULTS, timeoutSeconds: 10, ...alias }]))
  const folder = await mkdtemp(join(tmpdir(), 'if-board-proxy-'))
  const state = { standing: { holds: true, refusal: undefined } as Standing, nowMs: Date.now() }
  const gate = openGate({
    world: async () => ({
      registry,
      standing: async () => state.standing,
      claimKey: () => undefined,
      title: () => '',
    }),
    log: { add: (_, call) => void calls.push(call), flush: async () => undefined },
    ...{ counts, hmac, key, boardId: 'b' },
    verify: () => false,
    now: () => state.nowMs,
    hex: (bytes) => randomBytes(bytes).toString('hex'),
  })
  const settings: ProxySettings = { secrets: new Map(), private: new Map(), ca: undefined, ...setup.settings }
  const socket =
    process.platform === 'win32' ? `\\\\.\\pipe\\if-board-${randomBytes(8).toString('hex')}` : join(folder, 's')
  const listening = await listenProxy(
    {
      gate,
      secrets: openSecrets(settings, setup.environment ?? {}),
      connections: openConnections(settings.ca),
      resolve: setup.resolve ?? (async () => ['127.0.0.1']),
      private: settings.private,
      headMs: setup.headMs ?? 10_000,
    },
    { socket, port: 0 },
  )
  return Object.assign(state, {
    port: listening.port as number,
    socket,
    calls,
    url: (capability: string) => `http://if-board:${capability}@127.0.0.1:${listening.port}`,
    capability(...caveats: Caveat[]) {
      const id = randomBytes(16).toString('hex')
      counts.open(id, state.nowMs + 3_600_000, state.nowMs)
      const alias = caveats.some(({ name }) => name === 'alias') ? [] : [aliasCaveat(setup.aliases[0]?.alias ?? '')]
      const all: Caveat[] = [
        { name: 'session', session: SESSION },
        { name: 'task', task: KEY },
        { name: 'claim', claim: CLAIM },
        ...alias,
        { name: 'expires', seconds: Math.floor(state.nowMs / 1000) + 3600 },
        ...caveats,
      ]
      return mintCapability(hmac, key, id, all)
    },
    async close() {
      await listening.close()
      await rm(folder, { recursive: true, force: true })
    },
  })
}

const aliasCaveat = (alias: string): Caveat => ({ name: 'alias', alias })

export interface Service {
  readonly port: number
  /** What it was asked, with the bodies that came wholly. */
  readonly asked: { readonly line: string; readonly headers: IncomingMessage['headers']; body: string }[]
  close(): Promise<void>
}

export async function startService(listener?: RequestListener, tls?: Certificate): Promise<Service> {
  const asked: Service['asked'][number][] = []
  const serve: RequestListener = (request, response) => {
    const entry = { line: `${request.method} ${request.url}`, headers: request.headers, body: '' }
    asked.push(entry)
    request.setEncoding('latin1').on('data', (text: string) => (entry.body += text))
    request.on('error', () => undefined)
    if (listener !== undefined) listener(request, response)
    else request.on('end', () => response.end(`${entry.line} ${entry.body}`))
  }
  const server: Server = tls === undefined ? createServer(serve) : (createSecureServer(tls, serve) as unknown as Server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A certificate for these names, signed by itself: made now, so that none is kept anywhere. */
export async function certificateFor(...names: string[]): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'if-board-tls-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const alternatives = names.map((name) => `DNS:${name}`).join(',')
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const subject = ['-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${alternatives}`]
    await ran('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert])
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export function ran(program: string, args: readonly string[], environment?: Record<string, string>): Promise<Ran> {
  const env = { PATH: process.env.PATH ?? '', ...environment }
  return new Promise((resolve) => {
    execFile(program, args, { env, maxBuffer: 1 << 26, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

/** What comes back for these bytes, until the proxy ends the connection or a while has passed. */
export async function raw(port: number, text: string, waitMs = 15_000): Promise<string> {
  const client = connect(port, '127.0.0.1')
  let answer = ''
  client.setEncoding('latin1').on('data', (more: string) => (answer += more))
  client.on('error', () => undefined)
  client.write(text, 'latin1')
  const timer = setTimeout(() => client.destroy(), waitMs)
  await once(client, 'close').catch(() => undefined)
  clearTimeout(timer)
  return answer
}

/** The first call of the log from there on: it is told when all of it is over, which a client may see earlier. */
export async function nextCall({ calls }: TestProxy, from: number): Promise<Call | undefined> {
  for (let tries = 0; tries < 500 && calls.length <= from; tries += 1) await sleep(30)
  return calls[from]
}

/** Status and rule of an answer that was read as bytes. */
export function ruleOf(answer: string): string {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none'
  const rule = /"rule":"([a-z]+)"/.exec(answer)?.[1]
  return rule === undefined ? status : `${status} ${rule}`
}
