/**
 * One clone with a watcher and its sessions, as a process that can be killed and stopped:
 * `node station-process.ts <settings>`, in the clone's folder.
 *
 * The watcher is the real one, with the engine and the projector that it has beside it; sessions ask the workflows, over
 * etcd where that decides. What they ask, are told and believe goes to a file of notes. A word on its input, `calm`,
 * makes them finish what is left without waiting.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { etcdFastPath } from '../../src/adapters/etcd/index.ts'
import type { Shell } from '../../src/cli/shell.ts'
import { open } from '../../src/cli/wiring/open.ts'
import { longLived } from '../../src/cli/wiring/watch.ts'
import { toSessionName } from '../../src/model/index.ts'
import { startWatcher } from '../../src/watcher/main.ts'
import { aboutTask } from '../../src/workflows/fast/about.ts'
import { closeEtcd } from '../../src/workflows/fast/draining.ts'
import { goOnSwitching } from '../../src/workflows/fast/switch.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { seeded } from '../support/clones.ts'
import { startStation } from '../support/etcd-fleet.ts'
import type { Clone } from '../support/fleet.ts'
import { noter } from './notes.ts'
import { observe, observedPath } from './observer.ts'
import { runSession, type Worker } from './session.ts'
import type { StationSettings } from './world.ts'

const settings = JSON.parse(process.argv[2] ?? '') as StationSettings
const note = noter(settings.notes)
const stop = new AbortController()
const shell: Shell = {
  ...{ cwd: process.cwd(), environment: process.env, input: process.stdin, stop: stop.signal, startedAt: Date.now() },
  ...{ json: true, debug: false, session: settings.name, terminal: false, color: false, columns: undefined },
  ...{ data: () => undefined, talk: () => undefined },
}

const opened = await open(shell)
const box: Toolbox = { ...longLived(opened), trigger: 'watch' }
const folder = toSessionName(settings.name)
const path = etcdFastPath({ endpoints: [{ address: settings.etcd, isSecure: false }], callMs: 2000, connectMs: 1500 })
const worker: Worker = { ...settings, random: seeded(settings.seed), isCalm: false }
process.stdin.on('data', () => {
  worker.isCalm = true
})

await startWatcher({
  ...{ box, hub: opened.hub, folder, standby: true, stop: stop.signal, environment: process.env, cwd: process.cwd() },
  version: 'chaos',
  tell: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  standsBy: () => undefined,
  undelivered: () => undefined,
  goOnSwitching: () => goOnSwitching({ box, path, about: aboutTask, closeWith: closeEtcd(box) }, folder),
  beside: [async () => beside()],
})

async function beside() {
  const clone = { box } as Clone
  const station = startStation(clone, { path: observedPath(path, note), folder })
  const toolbox = () => (station.engine.sight?.record.mode === 'etcd' ? station.clone.box : box)
  void observe(station.engine, note)
  for (const session of settings.sessions) void runSession(worker, { session: toSessionName(session), toolbox, note })
  void tellTroubles(station.troubles)
  return { close: () => station.kill() }
}

async function tellTroubles(troubles: readonly string[]): Promise<void> {
  for (let told = 0; ; await sleep(500))
    for (; told < troubles.length; told += 1)
      process.stdout.write(`${JSON.stringify({ event: 'projector', message: troubles[told] })}\n`)
}
