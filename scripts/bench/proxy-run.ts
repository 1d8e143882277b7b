/**
 * Measures the proxy: `proxy-run <request as JSON>`; prints one object of JSON.
 *
 * Service and proxy are processes of their own (`proxy-run service`, `proxy-run proxy PORT SOCKET`), as they are in use. The
 * boards are left out: they are read at most every two seconds, whatever the number of requests.
 */
import { fork } from 'node:child_process'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { proxyEgress } from '../../src/adapters/proxy/egress.ts'
import { listenProxy, openConnections, openSecrets } from '../../src/adapters/proxy/index.ts'
import { wasmChassis } from '../../src/adapters/wasm/index.ts'
import { boundsOf, type Caveat, type Hmac, mintCapability, verifyCapability } from '../../src/credentials/index.ts'
import { type ProxyAlias, toObjectId, toSessionName } from '../../src/model/index.ts'
import { DEFAULT_LIMITS } from '../../src/ports/index.ts'
import { Counts, decide, readTarget } from '../../src/proxy/index.ts'
import { openGate } from '../../src/workflows/proxy/gate.ts'

const hmac: Hmac = (key, bytes) => createHmac('sha256', key).update(bytes).digest()
const KEY = new Uint8Array(32).fill(7)
const ID = '0'.repeat(32)
const ANSWER = Buffer.alloc(4_096, 'x')
const SECRET = 'a-token-of-some-length'
const STANDING = { holds: true, refusal: undefined }

const [mode = '{}', port = '', socket = ''] = process.argv.slice(2)
if (mode === 'service') await serve()
else if (mode === 'proxy') await relay(Number(port))
else console.log(JSON.stringify(await measure(JSON.parse(mode))))

function aliases(origin: string): ProxyAlias[] {
  const shared = {
    connect: [],
    methods: ['GET'],
    paths: ['/tasks/**'],
    budget: {},
    microUsdPerRequest: 0,
    timeoutSeconds: 10,
  }
  const url = `${origin}/`
  return [
    { ...shared, alias: 'plain', url },
    { ...shared, alias: 'keyed', url, secret: 'token' },
  ]
}

function caveatsFor(alias: string): Caveat[] {
  return [
    { name: 'session', session: toSessionName('session-4') },
    { name: 'task', task: 'TASK-BOARD.md:P0.1' as Extract<Caveat, { name: 'task' }>['task'] },
    { name: 'claim', claim: toObjectId('a'.repeat(40)) },
    { name: 'alias', alias },
    { name: 'expires', seconds: 4_000_000_000 },
    { name: 'path', path: '/tasks' },
  ]
}

function capabilityFor(alias: string, ...more: Caveat[]): string {
  return mintCapability(hmac, KEY, ID, [...caveatsFor(alias), ...more])
}

async function serve(): Promise<void> {
  const server = createServer((_, response) => response.end(ANSWER))
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  await once(process, 'disconnect')
  process.exit()
}

async function relay(servicePort: number): Promise<void> {
  const origin = `http://127.0.0.1:${servicePort}`
  const counts = new Counts()
  counts.open(ID, Number.MAX_SAFE_INTEGER, 0)
  const gate = openGate({
    world: async () => ({
      registry: new Map(aliases(origin).map((alias) => [alias.alias, alias])),
      standing: async () => STANDING,
      claimKey: () => undefined,
      title: () => '',
    }),
    log: { add: () => undefined, flush: async () => undefined },
    ...{ counts, hmac, key: KEY, verify: () => false, now: Date.now, boardId: 'b' },
    hex: (bytes) => randomBytes(bytes).toString('hex'),
  })
  const plan = { origin, header: 'authorization', prefix: 'Bearer ', source: { kind: 'env' as const, name: 'TOKEN' } }
  const listening = await listenProxy(
    {
      ...{ gate, connections: openConnections(undefined), resolve: async () => [], headMs: 10_000 },
      secrets: openSecrets({ secrets: new Map([['token', plan]]) }, { TOKEN: SECRET }),
      private: new Map([[origin, ['127.0.0.1']]]),
    },
    { port: 0, socket },
  )
  process.send?.(listening.port)
  await once(process, 'disconnect')
  process.exit()
}

interface Request {
  readonly decisions: number
  readonly requests: number
  /** Of one script, and how often it runs. */
  readonly calls: number
  readonly rounds: number
  readonly socket: string
  readonly guestFile: string
  readonly engineFile: string
}

async function measure(request: Request) {
  const { decisions, requests } = request
  const service = await started('service')
  const proxy = await started('proxy', String(service.port), request.socket)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (target: number, path: string, capability?: string) => timed(agent, target, path, capability)
  const ms = { direct: [] as number[], plain: [] as number[], keyed: [] as number[] }
  for (let at = -20; at < requests; at += 1) {
    // In turn, so that what slows the machine down slows all of them.
    const direct = await ask(service.port, '/tasks/1')
    const plain = await ask(proxy.port, '/plain/tasks/1', capabilityFor('plain'))
    const keyed = await ask(proxy.port, '/keyed/tasks/1', capabilityFor('keyed'))
    if (at < 0) continue
    ms.direct.push(direct)
    ms.plain.push(plain)
    ms.keyed.push(keyed)
  }
  agent.destroy()
  const moduleMs = await moduleCalls(request)
  service.end()
  proxy.end()
  return { ms, moduleMs, decisions: decisionsPerSecond(decisions), hmacs: chainsPerSecond(decisions) }
}

/** What one call of a script takes: a run with many less one with none, in turn, for each round. */
async function moduleCalls({ calls, rounds, socket: path, guestFile, engineFile }: Request): Promise<number[]> {
  const chassis = wasmChassis({ guestFile, engineFile, bwrap: 'off' })
  const run = async (times: number) => {
    const source = `for (let at = 0; at < ${times}; at += 1) if (http({ alias: 'plain', path: '/tasks/1' }).status !== 200) throw at`
    const module = new TextEncoder().encode(source)
    const sha256 = createHash('sha256').update(module).digest('hex')
    const capabilities = new Map([['plain', capabilityFor('plain', { name: 'module', sha256 })]])
    const egress = proxyEgress({ socket: path, sha256, capabilities })
    const begun = performance.now()
    const { outcome } = await chassis.run({
      ...{ module, sha256, language: 'script', args: [], environment: new Map(), stdin: new Uint8Array(0), inputs: [] },
      ...{ outputs: [], seed: '', clockMs: 0, limits: { ...DEFAULT_LIMITS, fuel: 1e10 }, demand: [] },
      http: { aliases: ['plain'], calls: times, egress },
    })
    if (outcome.kind !== 'completed') throw new Error(`a script ended as ${outcome.kind}`)
    return performance.now() - begun
  }
  const ms: number[] = []
  for (let round = -1; round < rounds; round += 1) {
    const none = await run(0)
    const many = await run(calls)
    if (round >= 0) ms.push((many - none) / calls)
  }
  await chassis.close()
  return ms
}

async function started(...args: string[]): Promise<{ readonly port: number; end(): void }> {
  const child = fork(fileURLToPath(import.meta.url), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [listening] = (await once(child, 'message')) as [number]
  return { port: listening, end: () => child.disconnect() }
}

function timed(agent: Agent, target: number, path: string, capability: string | undefined): Promise<number> {
  const headers = capability === undefined ? {} : { 'proxy-authorization': `Bearer ${capability}` }
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port: target, path, headers, agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode} of ${path}`))
      answer.resume().on('end', () => resolve(performance.now() - begun))
    })
    asked.on('error', reject).end()
  })
}

/** From a request's line and its capability to a verdict, as for each request. */
function decisionsPerSecond(count: number): number {
  const registry = new Map(aliases('http://127.0.0.1:1').map((alias) => [alias.alias, alias]))
  const capability = capabilityFor('plain')
  const left = { requests: 9, bytes: 9, microUsd: 9, calls: 9, capabilityBytes: 9 }
  return perSecond(count, () => {
    const target = readTarget('/plain/tasks/1?q=a')
    const verdict = verifyCapability(hmac, KEY, capability)
    if (target.kind !== 'target' || verdict.kind !== 'genuine') throw new Error('the request is a good one')
    const { alias, parts } = target
    const asked = { kind: 'request', alias, method: 'GET', parts, module: undefined } as const
    const bounds = boundsOf(verdict.capability)
    const decision = decide({ registry, bounds, asked, standing: STANDING, left: () => left, nowMs: Date.now() })
    if (decision.kind !== 'allow') throw new Error(decision.reason)
  })
}

/** As many HMACs as that capability has. */
function chainsPerSecond(count: number): number {
  const bytes = Buffer.from('path /tasks')
  return perSecond(count, () => {
    let signature: Uint8Array = KEY
    for (let at = 0; at < 7; at += 1) signature = hmac(signature, bytes)
  })
}

function perSecond(count: number, work: () => void): number {
  for (let at = 0; at < count / 10; at += 1) work()
  const begun = performance.now()
  for (let at = 0; at < count; at += 1) work()
  return (count * 1_000) / (performance.now() - begun)
}
