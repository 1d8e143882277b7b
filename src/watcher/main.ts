/** The watcher as a process: one for each clone, with what rings for it and whom it tells. */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { chokidarWatch, type RingableWatch } from '../adapters/chokidar/index.ts'
import { type Hub, packHub } from '../adapters/git/hub.ts'
import { gitSavedEdits } from '../adapters/git/saved-edits.ts'
import { httpPoster } from '../adapters/http/post.ts'
import { type FileLock, tryFileLock } from '../adapters/process/file-lock.ts'
import { runProgram } from '../adapters/process/run-program.ts'
import { IfBoardError, type ObjectId, printable, type SessionName } from '../model/index.ts'
import { formatTime } from '../witness/index.ts'
import type { Toolbox } from '../workflows/toolbox.ts'
import { statusOf } from '../workflows/views-status.ts'
import { type Delivered, type Delivery, deliveries, isForPeople } from '../workflows/watch/deliver.ts'
import type { WatchEvent } from '../workflows/watch/events.ts'
import { metricsOf, type ProcessFigures } from '../workflows/watch/metrics.ts'
import { MOVED } from '../workflows/watch/presence.ts'
import { saveEdits } from '../workflows/watch/save-edits.ts'
import { BEGINNING, counted, newTally, type Tally } from '../workflows/watch/tally.ts'
import { type WatcherSight, type WatcherTools, watchBoards } from '../workflows/watch/watcher.ts'
import { type ListenAt, type Monitor, startMonitor } from './monitor.ts'
import { renderMetrics } from './prometheus.ts'
import { handTo, postTo, type Webhook } from './receivers.ts'

export interface WatcherRequest {
  /** On the hub, with a store of objects that may stay open for days. */
  readonly box: Toolbox
  readonly hub: Hub
  /** In whose name folds are made. */
  readonly folder: SessionName
  /** Another watcher is at work: wait until it ends, instead of refusing. */
  readonly standby: boolean
  readonly stop: AbortSignal
  readonly tell: (event: WatchEvent) => void
  /** Called once when another watcher is waited for. */
  readonly standsBy: () => void
  /** A program that is given each event that people want to hear of, with its arguments. */
  readonly notify?: readonly [string, ...string[]] | undefined
  readonly webhook?: Webhook | undefined
  /** Folder of a checkout whose saved edits are pushed; by default the one beside the project, if there is one. */
  readonly checkout?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Why somebody outside was not told. */
  readonly undelivered: (reason: string) => void
  readonly show?: ((sight: WatcherSight) => void) | undefined
  /** Where `/healthz` and `/metrics` are answered, if anywhere. */
  readonly listen?: ListenAt | undefined
  readonly version: string
  /** Goes on with a switch of who decides (`WatcherTools.goOnSwitching`). */
  readonly goOnSwitching?: (() => Promise<number | undefined>) | undefined
  /** Begins one where the settings say so (`WatcherTools.escalate`). */
  readonly escalate?: WatcherTools['escalate']
  /** What goes on beside the watch for as long as it is the one of its clone. */
  readonly beside?: readonly (() => Promise<Beside | undefined>)[]
}

export interface Beside {
  close(): Promise<void>
}

const STANDBY_EVERY_MS = 2_000

/**
 * Ends when the process is asked to stop.
 *
 * @throws IfBoardError `watch/running` when another watcher of this clone is at work, unless this one stands by;
 *   `watch/cannot-listen`
 */
export async function startWatcher(request: WatcherRequest): Promise<void> {
  const tally = newTally()
  const monitor = await startMonitoring(request, tally)
  try {
    await watchAlone(request, tally)
  } finally {
    await monitor?.close()
  }
}

/** Before the lock is taken: one that stands by says so. */
async function startMonitoring(request: WatcherRequest, tally: Tally): Promise<Monitor | undefined> {
  const { listen, box, version } = request
  if (listen === undefined) return undefined
  const metrics = () => {
    const now = box.clock.now()
    const status = tally.reading === undefined ? undefined : statusOf(box, { ...tally.reading, now })
    return renderMetrics(metricsOf({ tally, status, now, own: ownFigures(version) }))
  }
  const monitor = await startMonitor(listen, { health: () => tally, metrics })
  request.tell({ event: 'listening', url: monitor.url, at: formatTime(box.clock.now().wallMs) })
  return monitor
}

function ownFigures(version: string): ProcessFigures {
  const { user, system } = process.cpuUsage()
  return {
    version,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startedAtSeconds: performance.timeOrigin / 1000,
  }
}

async function watchAlone(asked: WatcherRequest, tally: Tally): Promise<void> {
  const request = { ...asked, box: { ...asked.box, refs: counted(asked.box.refs, tally) } }
  const { hub, box, stop } = request
  const lock = await takeLock(request, tally)
  if (lock === undefined) return
  const beside: Beside[] = []
  try {
    const wake = await chokidarWatch(pathsOf(hub, box), stop)
    try {
      for (const begin of request.beside ?? []) {
        const begun = await begin()
        if (begun !== undefined) beside.push(begun)
      }
      const tell = teller(request)
      const isOurs = () => lock.holds()
      const saving = savingFor(request, tell, tally)
      const show = (sight: WatcherSight) => {
        request.show?.(sight)
        saving.headSeen()
      }
      await Promise.all([
        saving.start(),
        watchBoards({ ...request, tell, show, wake, isOurs, tally, tidy: () => packHub(hub) }),
      ])
    } finally {
      await Promise.all(beside.map((one) => one.close()))
      await wake.close()
    }
  } finally {
    await lock.release()
  }
}

interface Saving {
  start(): Promise<void>
  /** After each look; a checkout without edits follows the branch. */
  headSeen(): void
}

/** A person's checkout, where there is one. What goes wrong there ends no watch. */
function savingFor(
  { hub, box, stop, checkout }: WatcherRequest,
  tell: (event: WatchEvent) => void,
  tally: Tally,
): Saving {
  let files: RingableWatch | undefined
  let shown: ObjectId | undefined
  const head = () => tally.reading?.head
  return {
    headSeen() {
      if (files === undefined || head() === shown) return
      shown = head()
      files.ring()
    },
    async start() {
      const edits = await gitSavedEdits(hub, checkout)
      if (edits === undefined && checkout !== undefined)
        throw new IfBoardError('usage/invalid', `\`${printable(checkout)}\` is no checkout of these boards`, {
          hint: 'Make one: if-board checkout DIR',
        })
      if (edits === undefined) return undefined
      return saveEdits({
        edits,
        head,
        openWatch: async (paths) => {
          const places = paths.map((path) => join(edits.folder, ...path.split('/')))
          files = await chokidarWatch(places, stop)
          return files
        },
        tell: (telling) => tell({ ...telling, at: formatTime(box.clock.now().wallMs) } as WatchEvent),
      })
    },
  }
}

/** Prints at once, and hands on what people want to hear of. */
function teller(request: WatcherRequest): (event: WatchEvent) => void {
  const { box, stop, notify: command, webhook, environment, cwd, undelivered: failed, tell } = request
  const queue = (send: (event: WatchEvent) => Promise<Delivered>) => deliveries({ ...box, stop, send, failed })
  const receivers: Delivery[] = []
  if (command !== undefined)
    receivers.push(
      queue((event) =>
        handTo((input, timeoutMs) => runProgram({ command, cwd, environment, input, timeoutMs }), event),
      ),
    )
  if (webhook !== undefined) {
    const { post } = httpPoster()
    receivers.push(queue((event) => postTo(post, webhook, event)))
  }
  return (event) => {
    tell(event)
    if (isForPeople(event)) for (const receiver of receivers) receiver.add(event)
  }
}

/** Refs of a local authority move here; of a remote, the mark that each command leaves which moved some. */
function pathsOf({ path }: Hub, { authority }: Toolbox): string[] {
  if (authority === 'local') return [join(path, 'refs'), join(path, 'packed-refs')]
  return [join(path, '..', 'memory', MOVED)]
}

/** `undefined`: asked to stop while it stood by. */
async function takeLock(
  { hub, box, standby, stop, standsBy }: WatcherRequest,
  tally: Tally,
): Promise<FileLock | undefined> {
  const folder = join(hub.path, '..')
  // The folder is there before anything is watched in it.
  await mkdir(join(folder, 'memory'), { recursive: true })
  for (let told = false; !stop.aborted; told = true) {
    const lock = await tryFileLock(join(folder, 'watch.lock'))
    if (lock !== undefined) {
      Object.assign(tally, BEGINNING)
      return lock
    }
    if (!standby)
      throw new IfBoardError('watch/running', `another watcher of this clone is at work on ${hostname()}`, {
        hint: 'One is enough; to take over when it ends: if-board watch --standby',
      })
    if (!told) standsBy()
    tally.state = 'standing-by'
    tally.reason = 'another watcher of this clone is at work'
    await box.clock.sleep(STANDBY_EVERY_MS)
  }
  return undefined
}
