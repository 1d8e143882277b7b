/** A watcher of one clone without its process, on a real clock: it goes up and down by itself, and links to etcd. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionName } from '../../src/model/index.ts'
import type { FastHealth, FastPath } from '../../src/ports/index.ts'
import { type EscalationSight, Escalator } from '../../src/workflows/fast/escalate.ts'
import { goOnSwitching } from '../../src/workflows/fast/switch.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import type { WatchEvent } from '../../src/workflows/watch/events.ts'
import { newTally } from '../../src/workflows/watch/tally.ts'
import { watchBoards } from '../../src/workflows/watch/watcher.ts'
import { onRealClock, type Station, startStation } from './etcd-fleet.ts'
import type { Clone } from './fleet.ts'
import { toolsOf } from './switching.ts'

/** An etcd that is fit: how fast a busy machine is says nothing of who may decide. */
export const fit: FastHealth = {
  members: async () => [
    {
      ...{ kind: 'reached', endpoint: '127.0.0.1:2379', isSecure: false, isLoopback: true, version: '3.5.9' },
      ...{ cluster: 'a', hasLeader: true, members: 1, alarms: [], revision: 1, keepsOldHistory: undefined },
      ...{ database: { bytes: 1, usedBytes: 1, quotaBytes: undefined }, walSync: undefined },
    },
  ],
  exercise: async () => ({
    ...{ kind: 'exercised', isExclusive: true, claimMs: [1], watchMs: [1] },
    ...{ leaseSeconds: 2, leaseEndedAfterMs: 2100 },
  }),
}

export interface WatchedClone {
  readonly events: WatchEvent[]
  readonly sight: EscalationSight | undefined
  /** What the clone's sessions work with now. */
  now(): Clone
  readonly station: Station
  stop(): Promise<void>
}

export interface WatchedRequest {
  readonly path: FastPath
  readonly folder: SessionName
}

export function startWatched(found: Clone, { path, folder }: WatchedRequest): WatchedClone {
  const clone = onRealClock(found)
  const box: Toolbox = { ...clone.box, trigger: 'watch' }
  const station = startStation(found, { path, folder })
  const { engine } = station
  const events: WatchEvent[] = []
  const stop = new AbortController()
  const tools = toolsOf({ box }, path)
  const escalator = new Escalator({
    ...{ box, session: folder, knowsEtcd: true, switchTools: async () => tools, health: async () => fit },
    heard: () => engine.seat && { link: engine.seat, claims: engine.seat.mirror.claimed },
  })
  const tally = newTally()
  const watching = watchBoards({
    ...{ box, folder, tally, isOurs: async () => true },
    tell: (event) => void events.push(event),
    goOnSwitching: () => goOnSwitching(tools, folder),
    escalate: (reading) => escalator.turn(reading),
    wake: {
      async changed(ms) {
        await sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined)
        return stop.signal.aborted ? 'stopped' : 'timeout'
      },
      close: async () => undefined,
    },
  })
  return {
    events,
    get sight() {
      return tally.escalation
    },
    station,
    now: () => (engine.sight?.record.mode === 'etcd' ? station.clone : clone),
    async stop() {
      stop.abort()
      await Promise.all([watching, station.kill()])
    },
  }
}
