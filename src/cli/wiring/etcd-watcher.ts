/** The watcher's link to etcd: one for all sessions of its clone, with a projector beside it. */

import type { EtcdSettings } from '../../adapters/etcd/connection.ts'
import { etcdFastPath } from '../../adapters/etcd/index.ts'
import { systemClock } from '../../adapters/process/clock.ts'
import { IfBoardError, type SessionName } from '../../model/index.ts'
import { Tails } from '../../workflows/fast/chains.ts'
import { registerAll } from '../../workflows/fast/draining.ts'
import { FastEngine } from '../../workflows/fast/engine.ts'
import { engineTools } from '../../workflows/fast/engine-tools.ts'
import { Projector, type ProjectorTurn } from '../../workflows/fast/projector.ts'
import { welcomeBack } from '../../workflows/fast/said.ts'
import { overEtcd } from '../../workflows/fast/store.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import type { Opened } from './open.ts'
import { sessionLocks } from './session-locks.ts'

export interface EtcdWatch {
  /** The toolbox of a command, over etcd if that decides now. */
  readonly over: (box: Toolbox) => Toolbox
  /** Claims that the link of now has shown since it was made. */
  readonly heard: () => { readonly link: object; readonly claims: number } | undefined
  /** Begins once this is the one watcher of its clone. */
  readonly begin: () => { close(): Promise<void> }
}

export interface EtcdWatchRequest {
  /** The watcher's own. */
  readonly box: Toolbox
  readonly folder: SessionName
  readonly settings: EtcdSettings
  /** One line for people, when it changes. */
  readonly say: (line: string) => void
}

/** Between two turns of the projector: each is short, and most find nothing due. */
const TURN_MS = 200
/** What a command waits until something is armed; its user waits with it. */
const PATIENCE_MS = 10_000

export function watchEtcd({ hub }: Opened, { box: own, folder, settings, say }: EtcdWatchRequest): EtcdWatch {
  const stop = new AbortController()
  const box = { ...own, clock: systemClock({ stop: stop.signal }) }
  const tools = engineTools(box, { path: etcdFastPath(settings), speaker: folder })
  const engine = new FastEngine(tools)
  const projector = new Projector({ box, engine, folder, moveMode: tools.moveMode })
  const exclusively = sessionLocks(hub, box.sha256)
  const sayOnce = onChange(say)
  const tails = new Tails(box)
  const project = async () => {
    while (!stop.signal.aborted) {
      const isDraining = engine.sight?.record.mode === 'draining'
      const turn: Promise<ProjectorTurn | undefined> = isDraining
        ? registerAll(box, engine).then(() => undefined)
        : projector.turn()
      sayOnce(await turn.then((done) => wordsOf(engine, done?.kind), troubleOf))
      await box.clock.sleep(TURN_MS)
    }
  }
  return {
    over: (asked) => {
      if (engine.sight?.record.mode !== 'etcd') return asked
      return overEtcd(asked, { engine, exclusively, patienceMs: PATIENCE_MS, tails })
    },
    heard: () => {
      const { seat, sight } = engine
      return seat === undefined || sight?.record.mode !== 'etcd'
        ? undefined
        : { link: seat, claims: seat.mirror.claimed }
    },
    begin() {
      const running = welcomeBack(box, engine).then(() => Promise.all([engine.run(stop.signal), project()]))
      return {
        async close() {
          stop.abort()
          await running
        },
      }
    },
  }
}

function wordsOf({ sight, seat, trouble }: FastEngine, turn: string | undefined): string | undefined {
  if (sight?.record.mode !== 'etcd') return undefined
  if (seat === undefined) return `etcd decides claims and is not reached: ${trouble}`
  return turn === 'disarmed' ? 'git does not keep up with etcd, so nothing is claimed for now' : 'linked to etcd'
}

/** What a person must mend is told and waited for; the next turn tries again. */
function troubleOf(error: unknown): string {
  if (error instanceof IfBoardError) return `what etcd holds is not folded: ${error.message} [${error.code}]`
  throw error
}

function onChange(say: (line: string) => void): (line: string | undefined) => void {
  let last: string | undefined
  return (line) => {
    if (line !== undefined && line !== last) say(line)
    last = line ?? last
  }
}
