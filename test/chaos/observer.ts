/** What the sessions of one engine believe, noted as it changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/adapters/process/clock.ts'
import type { Moment } from '../../src/claim/index.ts'
import { type Holder, holds } from '../../src/fast/index.ts'
import type { SessionName, TaskKey } from '../../src/model/index.ts'
import { splitTaskKey } from '../../src/model/index.ts'
import type { FastHeld, FastLink, FastPath } from '../../src/ports/index.ts'
import type { FastEngine } from '../../src/workflows/fast/engine.ts'
import { type Believed, monotonicMs, type Note } from './notes.ts'

const LOOKED_EVERY_MS = 20
/** Clocks tell whole milliseconds here. */
const ROUNDING_MS = 2
type Noter = (note: Note) => void

/** Notes each belief when it begins, when it is prolonged, and when the engine gives it up before its time. */
export async function observe(engine: FastEngine, note: Noter): Promise<void> {
  const clock = systemClock()
  for (let known: ReadonlyMap<string, Belief> = new Map(); ; await sleep(LOOKED_EVERY_MS)) {
    const now = clock.now()
    const beliefs = new Map(engine.sessions().flatMap((session) => beliefsOf(engine.holderOf(session), now)))
    const at = monotonicMs()
    for (const [name, belief] of beliefs)
      if (Math.abs(belief.until - (known.get(name)?.until ?? 0)) > ROUNDING_MS)
        note({ kind: 'believed', at, ...belief })
    for (const [name, { session, task, until }] of known)
      if (!beliefs.has(name) && until > at) note({ kind: 'ended', at, session, task })
    known = beliefs
  }
}

type Belief = Pick<Believed, 'session' | 'task' | 'token' | 'until'>

function beliefsOf(holder: Holder | undefined, now: Moment): (readonly [string, Belief])[] {
  if (holder === undefined) return []
  const { session, belief, held } = holder
  return [...held]
    .filter(([task]) => holds(holder, task, now))
    .map(([task, { revision = 0 }]) => {
      const token = { epoch: belief?.epoch ?? 0, number: revision }
      return [`${session} ${task}`, { ...named(session, task), token, until: validUntil(holder, task, now) }] as const
    })
}

/** Nothing is believed longer, whatever the rules have become. */
const LONGEST_MS = 600_000

/** The moment at which `holds` will say no, if nothing else happens: found by asking it. */
function validUntil(holder: Holder, task: TaskKey, now: Moment): number {
  let [yes, no] = [0, LONGEST_MS]
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2)
    const then = { ...now, wallMs: now.wallMs + middle, monotonicMs: now.monotonicMs + middle }
    if (holds(holder, task, then)) yes = middle
    else no = middle
  }
  return now.monotonicMs + yes
}

/** The same engine, and what is about to be ended is noted before it is sent. */
export function observedPath(path: FastPath, note: Noter): FastPath {
  return {
    async connect(space) {
      const reached = await path.connect(space)
      if (reached.kind !== 'linked') return reached
      return { kind: 'linked', link: observedLink(reached.link, note) }
    },
  }
}

function observedLink(link: FastLink, note: Noter): FastLink {
  const { claims } = link
  const ending = ({ task, claim }: FastHeld) =>
    note({ kind: 'ended', at: monotonicMs(), ...named(claim.session, task) })
  return {
    opening: link.opening,
    projection: link.projection,
    claims: {
      lease: (seconds) => claims.lease(seconds),
      keepAlive: (lease, held) => claims.keepAlive(lease, held),
      claim: (lease, wishes) => claims.claim(lease, wishes),
      adopt: (lease, held, heir) => claims.adopt(lease, held, heir),
      done(ends) {
        ends.forEach(ending)
        return claims.done(ends)
      },
      release(held) {
        ending(held)
        return claims.release(held)
      },
    },
    list: () => link.list(),
    watch: (revision) => link.watch(revision),
    close: () => link.close(),
  }
}

function named(session: SessionName, task: TaskKey) {
  return { session, task: splitTaskKey(task).id as string }
}
