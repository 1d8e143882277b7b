/**
 * A board on a remote, an etcd, two clones whose watchers and sessions are processes, a third one where the commands
 * themselves are typed; and all that can be done to them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { run, type Where } from '../support/cli.ts'
import { boardOf, initIn } from '../support/clones.ts'
import { type EtcdServer, startEtcd } from '../support/etcd.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { programArgs } from '../support/program.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'
import { type RunningWatcher, startWatch } from '../watcher/world.ts'
import { type Remote, startRemote } from './remote.ts'

export interface StationSettings {
  /** Of its watcher. */
  readonly name: string
  readonly sessions: readonly string[]
  /** Address of etcd as this clone reaches it. */
  readonly etcd: string
  /** File for what its sessions note. */
  readonly notes: string
  readonly seed: number
  readonly tasks: readonly string[]
  /** M. */
  readonly leaseMs: number
  readonly completes: number
}

export interface Station {
  readonly settings: StationSettings
  readonly proxy: TcpProxy
  /** What its watcher told, and what went wrong where nothing may. */
  readonly told: string[]
  start(): void
  /** SIGKILL, with the git commands that it started. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  calm(): void
  /** `false`: it ended by itself. */
  lives(): boolean
}

export interface World {
  readonly box: Sandbox
  readonly etcd: EtcdServer
  readonly remote: Remote
  readonly stations: readonly Station[]
  /** The clone of the commands, its watcher, and its way to etcd. */
  readonly at: (session: string) => Where
  readonly watcher: () => RunningWatcher
  startWatcher(): void
  readonly leaseMs: number
  readonly tasks: readonly string[]
  /** Files of notes. */
  readonly notes: readonly string[]
  close(): Promise<void>
}

export interface WorldRequest {
  readonly seed: number
  readonly tasks: number
  readonly leaseMs: number
  readonly completes: number
}

export const COMMANDERS = ['cmd-1', 'cmd-2'] as const

export async function openWorld({ seed, tasks: count, leaseMs, completes }: WorldRequest): Promise<World> {
  const box = sandbox()
  const etcd = await startEtcd()
  const remote = await startRemote(box, 'remote.git')
  const tasks = Array.from({ length: count }, (_, at) => `T${at + 1}`)
  await box.repository('main', remote.url)
  await initIn(box, 'main', boardOf(count))
  const stations: Station[] = []
  for (const [at, name] of ['alpha', 'beta'].entries()) {
    const cwd = await box.repository(name, remote.url)
    const proxy = await tcpProxy(etcd.address)
    const sessions = [1, 2].map((number) => `${name}-${number}`)
    const shared = { tasks, leaseMs, completes, seed: seed + at }
    const settings = { name, sessions, etcd: proxy.address, notes: box.path(`${name}.notes`), ...shared }
    stations.push(stationAt({ cwd, env: { ...box.environment, IF_BOARD_SESSION: name } }, settings, proxy))
  }
  const cwd = await box.repository('gamma', remote.url)
  const environment = { ...box.environment, IF_BOARD_ETCD_ENDPOINTS: `http://${etcd.address}` }
  const at = (session: string): Where => ({ cwd, env: { ...environment, IF_BOARD_SESSION: session } })
  let watcher: RunningWatcher | undefined
  return {
    ...{ box, etcd, remote, stations, at, leaseMs, tasks },
    notes: [...stations.map(({ settings }) => settings.notes), box.path('gamma.notes')],
    watcher: () => watcher as RunningWatcher,
    startWatcher() {
      watcher = startWatch(at('gamma'))
    },
    async close() {
      await Promise.all(stations.map((station) => station.kill()))
      await watcher?.kill()
      await Promise.all(stations.map(({ proxy }) => proxy.close()))
      await remote.close()
      await etcd.close()
      await box.remove()
    },
  }
}

function stationAt({ cwd, env }: Where, settings: StationSettings, proxy: TcpProxy): Station {
  let child: ChildProcess | undefined
  let starts = 0
  const told: string[] = []
  const isAlive = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const signal = (what: NodeJS.Signals) => {
    if (isAlive()) process.kill(-(child?.pid ?? 0), what)
  }
  return {
    settings,
    proxy,
    told,
    start() {
      starts += 1
      const again = { ...settings, seed: settings.seed + starts * 1000 }
      const args = [...programArgs('chaos/station-process'), JSON.stringify(again)]
      const begun = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
      for (const stream of [begun.stdout, begun.stderr])
        stream.setEncoding('utf8').on('data', (text) => told.push(text))
      begun.stdin.on('error', () => undefined)
      child = begun
    },
    async kill() {
      const gone = isAlive() ? once(child as ChildProcess, 'exit') : undefined
      signal('SIGCONT')
      signal('SIGKILL')
      await gone
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    calm: () => void child?.stdin?.write('calm\n'),
    lives: isAlive,
  }
}

/** Until it succeeds: what cannot be done now is typed again, as a person would. */
export async function insist(where: Where, words: readonly string[], withinMs: number): Promise<string> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    const ran = await run(where, ...words)
    if (ran.status === 0) return ran.stdout
    if (performance.now() > giveUpAt) throw new Error(`${words.join(' ')}: ${ran.status} ${ran.stdout} ${ran.stderr}`)
  }
}

export const notesOf = ({ box }: World): string => join(box.root, 'gamma.notes')
