/**
 * A real etcd of one member on loopback, with its data in a temporary folder; and ways to hurt it.
 *
 * The program is `etcd` on PATH, or what `IF_BOARD_ETCD` names; `etcdctl` lies beside it or on PATH. Whoever starts a
 * server stops it.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type EtcdSettings, etcdFastPath } from '../../src/adapters/etcd/index.ts'
import type { FastPath } from '../../src/ports/index.ts'

const run = promisify(execFile)
const etcdPath = process.env.IF_BOARD_ETCD ?? 'etcd'
const beside = join(dirname(etcdPath), 'etcdctl')
const etcdctlPath = existsSync(beside) ? beside : 'etcdctl'
const START_MS = 30_000
/** How long a call may take that says nothing of how fast etcd is. */
const PATIENCE_MS = 60_000

/** A signal says nothing of when it arrives; elsewhere than on Linux nothing says it. */
async function standsStill(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return sleep(200, true)
  const threads = await readdir(`/proc/${pid}/task`)
  // Gone since it was listed: it does nothing any more.
  const texts = await Promise.all(
    threads.map((id) => readFile(`/proc/${pid}/task/${id}/stat`, 'utf8').catch(() => ') T')),
  )
  // proc_pid_stat(5): the state comes behind the name in brackets.
  return texts.every((text) => text.slice(text.lastIndexOf(')')).startsWith(') T'))
}

/**
 * Why nothing can be shown on a real etcd here; `undefined`: it can.
 *
 * @throws Error where `IF_BOARD_ETCD` names a program that is not there
 */
export function whyNoEtcd(): string | undefined {
  const missing = [etcdPath, etcdctlPath].filter((path) => spawnSync(path, ['--help'], { stdio: 'ignore' }).error)
  if (missing.length === 0) return undefined
  const reason = `no ${missing.join(' and no ')} on PATH or by IF_BOARD_ETCD`
  if (process.env.IF_BOARD_ETCD !== undefined) throw new Error(reason)
  return reason
}

export interface EtcdServer {
  /** `127.0.0.1:<port>`; the same after a restart. */
  readonly address: string
  readonly path: FastPath
  /** For what must come of a call although etcd, or the machine, is busy with something else. */
  readonly patient: FastPath
  pathWith(settings: Partial<EtcdSettings>): FastPath
  /** SIGSTOP, and wait until every thread of the server stands still. */
  freeze(): Promise<void>
  /** SIGCONT. */
  thaw(): void
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>
  /** After a kill: with the same data. */
  start(): Promise<void>
  /** Kill, lose all data, start. */
  wipe(): Promise<void>
  /** A snapshot as an operator would make it. */
  snapshot(name: string): Promise<string>
  /** Kill, replace the data by a snapshot, start: revisions go on from the snapshot's. */
  restore(snapshot: string): Promise<void>
  /** What etcdctl prints. */
  ctl(...args: string[]): Promise<string>
  /** Stop and remove everything. */
  close(): Promise<void>
}

/**
 * @param flags more of etcd's own, such as `--quota-backend-bytes=…`
 * @param settings how this server is reached; with `tls` its clients need it
 */
export async function startEtcd(
  flags: readonly string[] = [],
  settings: Partial<EtcdSettings> = {},
): Promise<EtcdServer> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ifb-etcd-')))
  const data = join(root, 'data')
  const [clientPort, peerPort] = await freePorts(2)
  const address = `127.0.0.1:${clientPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  const isSecure = settings.tls !== undefined
  const url = `${isSecure ? 'https' : 'http'}://${address}`
  const membership = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`]
  const urls = ['--listen-client-urls', url, '--advertise-client-urls', url, '--listen-peer-urls', peer]
  const environment = { PATH: process.env.PATH ?? '' }
  const patience = `${PATIENCE_MS / 1000}s`
  const ctlEnvironment = {
    ...environment,
    ...{ ETCDCTL_API: '3', ETCDCTL_COMMAND_TIMEOUT: patience, ETCDCTL_DIAL_TIMEOUT: patience },
  }
  let server: ChildProcess | undefined
  let starts = 0

  const ctl = async (...args: string[]) =>
    (await run(etcdctlPath, [`--endpoints=${address}`, ...args], { env: ctlEnvironment })).stdout
  const pathWith = (more: Partial<EtcdSettings>) =>
    etcdFastPath({ endpoints: [{ address, isSecure }], ...settings, ...more })

  async function start(): Promise<void> {
    starts += 1
    const args = ['--data-dir', data, ...urls, ...membership, ...flags]
    const child = spawn(etcdPath, args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    child.stderr?.on('data', (bytes) => {
      log = (log + bytes).slice(-4000)
    })
    server = child
    const giveUpAt = performance.now() + START_MS
    while (!(await answers(pathWith({ connectMs: 500, callMs: 1000 })))) {
      if (child.exitCode !== null || performance.now() > giveUpAt)
        throw new Error(`etcd did not start (${starts}):\n${log}`)
      await sleep(50)
    }
  }

  async function kill(): Promise<void> {
    const child = server
    server = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  const toss = () => rm(data, { recursive: true, force: true })
  await start()
  return {
    address,
    path: pathWith({}),
    patient: pathWith({ connectMs: PATIENCE_MS, callMs: PATIENCE_MS }),
    pathWith,
    async freeze() {
      server?.kill('SIGSTOP')
      while (!(await standsStill(server?.pid ?? 0))) await sleep(5)
    },
    thaw: () => void server?.kill('SIGCONT'),
    kill,
    start,
    async wipe() {
      await kill()
      await toss()
      await start()
    },
    async snapshot(name) {
      const file = join(root, name)
      await ctl('snapshot', 'save', file)
      return file
    },
    async restore(snapshot) {
      await kill()
      await toss()
      const restored = join(root, 'restored')
      const args = ['snapshot', 'restore', snapshot, '--data-dir', restored, '--name', 'default', ...membership]
      await run(etcdctlPath, args, { env: ctlEnvironment })
      await rename(restored, data)
      await start()
    },
    ctl,
    async close() {
      await kill()
      // gRPC's sockets keep no process running: one that ends before they saw the end of the server may not end at all.
      await sleep(500)
      await rm(root, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function answers(path: FastPath): Promise<boolean> {
  const connected = await path.connect({ board: '0'.repeat(32), epoch: 1, nonce: 'is it up' })
  if (connected.kind === 'linked') await connected.link.close()
  return connected.kind === 'linked'
}

/** Held open together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
