/** Clones of a fleet whose sessions work in etcd: engines and projectors as watchers have them, on real clocks. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/adapters/process/clock.ts'
import type { SessionName } from '../../src/model/index.ts'
import type { FastPath } from '../../src/ports/index.ts'
import { registerAll } from '../../src/workflows/fast/draining.ts'
import { FastEngine } from '../../src/workflows/fast/engine.ts'
import { engineTools } from '../../src/workflows/fast/engine-tools.ts'
import { Projector, type ProjectorTurn } from '../../src/workflows/fast/projector.ts'
import { welcomeBack } from '../../src/workflows/fast/said.ts'
import { overEtcd } from '../../src/workflows/fast/store.ts'
import type { Clone } from './fleet.ts'

/** A watcher without its process. */
export interface Station {
  readonly engine: FastEngine
  /** Its clone with the toolbox that its sessions are given. */
  readonly clone: Clone
  readonly turns: readonly ProjectorTurn[]
  /** What its projector met with, as words. */
  readonly troubles: readonly string[]
  /** Like SIGKILL: nothing is told to anybody. */
  kill(): Promise<void>
}

export interface StationRequest {
  readonly path: FastPath
  readonly folder: SessionName
  /** As a command without a watcher has it: a lease that nobody needs to renew. */
  readonly leaseSeconds?: number
}

export function startStation(found: Clone, { path, folder, leaseSeconds }: StationRequest): Station {
  const box = { ...found.box, clock: systemClock() }
  const tools = engineTools(box, { path, speaker: folder, ...(leaseSeconds === undefined ? {} : { leaseSeconds }) })
  const engine = new FastEngine(tools)
  const projector = new Projector({ box, engine, folder, moveMode: tools.moveMode })
  const stop = new AbortController()
  const turns: ProjectorTurn[] = []
  const troubles: string[] = []
  const project = async () => {
    while (!stop.signal.aborted) {
      try {
        if (engine.sight?.record.mode === 'draining') await registerAll(box, engine)
        else turns.push(await projector.turn())
      } catch (error) {
        troubles.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
      }
      await sleep(100)
    }
  }
  const begin = async () => {
    await welcomeBack(box, engine)
    await engine.run(stop.signal)
  }
  const running = Promise.all([begin(), project()])
  const queues = new Map<SessionName, Promise<unknown>>()
  const exclusively = <T>(session: SessionName, work: () => Promise<T>): Promise<T> => {
    const next = (queues.get(session) ?? Promise.resolve()).then(work, work)
    queues.set(session, next)
    return next
  }
  return {
    engine,
    clone: { ...found, box: overEtcd(box, { engine, exclusively, patienceMs: 20_000 }) },
    turns,
    troubles,
    async kill() {
      stop.abort()
      await running
    },
  }
}

/** A board of its own in an etcd that several tests share. */
export const ownBoard = () => ({ boardId: randomBytes(16).toString('hex') })

export function onRealClock(clone: Clone): Clone {
  return { ...clone, box: { ...clone.box, clock: systemClock() } }
}

export async function eventually(is: () => Promise<boolean> | boolean, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs
  while (!(await is())) {
    if (performance.now() > giveUpAt) return false
    await sleep(50)
  }
  return true
}
