/** Which of the tasks that the governor lets a session have is asked for in etcd: one that is offered and free there. */
import { pickFromSlices } from '../../fast/index.ts'
import type { SessionName } from '../../model/index.ts'
import type { RankedTask } from '../../scheduler/index.ts'
import type { FastEngine } from './engine.ts'

export interface OfferedRequest {
  /** Best first. */
  readonly ranked: readonly RankedTask[]
  readonly session: SessionName
  /** A random number in [0, 1). */
  readonly fraction: number
}

/** What is meant for this session comes first; the rest is divided among all that hold something here. */
export function pickOffered(engine: FastEngine, { ranked, session, fraction }: OfferedRequest): RankedTask | undefined {
  const { mirror } = engine.seat ?? {}
  if (mirror === undefined) return undefined
  const free = ranked.filter(({ task: { key } }) => mirror.ready.has(key) && !mirror.claims.has(key))
  const [top] = free
  if (top === undefined || top.tier === 'pinned' || top.assignment === 'mine') return top
  const holders = [...mirror.claims.values()].map(({ claim }) => claim.session)
  const first = free.filter(({ tier }) => tier === top.tier)
  return pickFromSlices({
    free: first,
    keyOf: ({ task }) => task.key,
    session,
    sessions: [...holders, ...engine.sessions()],
    fraction,
  })
}
