/** etcd for one command that no watcher answers: a link of its own, and leases that nobody renews. */
import { systemClock } from '../../adapters/process/clock.ts'
import { FastEngine } from '../../workflows/fast/engine.ts'
import { engineTools } from '../../workflows/fast/engine-tools.ts'
import { overEtcd } from '../../workflows/fast/store.ts'
import { read } from '../../workflows/read.ts'
import { author } from '../session.ts'
import { type Shell, tell } from '../shell.ts'
import { fastTools } from './fast.ts'
import type { Opened } from './open.ts'
import { sessionLocks } from './session-locks.ts'

/** A projector arms every 2 s; one that takes over first waits out whoever was confirmed before. */
const PATIENCE_MS = 20_000
/** Longer than from one arming to the next. */
const SILENT_MS = 3000

/**
 * Runs `work` with a toolbox over etcd, connected for as long as it takes. `undefined`: no endpoint is named here.
 *
 * @throws IfBoardError `fast/settings`, `authority/unreachable`, and what `work` throws
 */
export async function overEtcdAlone<T>(
  opened: Opened,
  shell: Shell,
  work: (over: Opened) => Promise<T>,
): Promise<T | undefined> {
  const tools = await fastTools(opened, shell)
  if (tools === undefined) return undefined
  const { path } = tools
  const { config } = await read(opened.box)
  const speaker = await author(opened)
  const stop = new AbortController()
  const clock = systemClock({ stop: stop.signal })
  const leaseSeconds = config.leaseMinutes * 60
  const engine = new FastEngine(engineTools({ ...opened.box, clock }, { path, speaker, leaseSeconds }))
  const running = engine.run(stop.signal)
  // Thrown at the end: without anybody who waits for it, it would end the process before the command says what it did.
  running.catch(() => undefined)
  const exclusively = sessionLocks(opened.hub, opened.box.sha256)
  const waiting = setTimeout(() => {
    if (engine.seat?.trusted !== true) tell(shell, 'waiting for a sign of the watcher that folds what etcd holds')
  }, SILENT_MS)
  try {
    const box = overEtcd(opened.box, { engine, exclusively, patienceMs: PATIENCE_MS })
    const done = await work({ ...opened, box })
    if (engine.sessions().some((session) => (engine.holderOf(session)?.held.size ?? 0) > 0))
      tell(shell, `without a watcher this claim ends in ${config.leaseMinutes} minutes`)
    return done
  } finally {
    clearTimeout(waiting)
    stop.abort()
    await running
  }
}
