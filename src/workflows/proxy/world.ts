/**
 * What the boards say of who may use the proxy: read when a request needs it, and believed for a moment.
 *
 * A claim that is over is over for the proxy at most that moment later. What cannot be read denies.
 */
import { capabilityBook } from '../../governor/index.ts'
import { type ObjectId, PROXY_CAPABILITY, type SessionName, type TaskKey } from '../../model/index.ts'
import type { Registry, Standing } from '../../proxy/index.ts'
import { admissionFacts } from '../admission-facts.ts'
import { type HeldTask, heldTasks } from '../find-task.ts'
import { refusedByPolicy } from '../policy-gate.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'

/** A claim as a capability names it. */
export interface Claimed {
  readonly session: SessionName
  readonly task: TaskKey
  readonly claim: ObjectId
}

export interface World {
  readonly registry: Registry
  standing(claimed: Claimed): Promise<Standing>
  /** The key that the claim was signed with; `undefined`: there is no such claim. */
  claimKey(claimed: Claimed): string | undefined
  title(key: TaskKey): string
}

/** Milliseconds: a look at this machine's own refs is cheap, at a remote it costs one of its connections. */
const FRESH_MS = { local: 2_000, remote: 15_000 }

/** What was claimed or set a moment ago may be asked for at once, and still not at every try of whoever asks for nonsense. */
const NEW_MS = { local: 200, remote: 1_000 }

/** `newest`: the caller has just been told of what an older reading does not have. Rejects with what `read` throws. */
export type ReadWorld = (wanted?: 'newest') => Promise<World>

export function openWorld(box: Toolbox): ReadWorld {
  let last: { readonly atMs: number; readonly world: Promise<World> } | undefined
  return (wanted) => {
    const atMs = box.clock.now().monotonicMs
    const most = (wanted === undefined ? FRESH_MS : NEW_MS)[box.authority]
    if (last !== undefined && atMs - last.atMs < most) return last.world
    const world = read(box).then((reading) => worldOf(box, reading))
    const mine = { atMs, world }
    last = mine
    world.catch(() => {
      if (last === mine) last = undefined
    })
    return world
  }
}

function worldOf(box: Toolbox, reading: WholeReading): World {
  const held = (claimed: Claimed): HeldTask | undefined =>
    heldTasks(reading.snapshot, claimed.session).find(
      ({ claim }) => claim.oid === claimed.claim && claim.key === claimed.task,
    )
  const refusals = new Map<string, Promise<string | undefined>>()
  return {
    registry: new Map((reading.config.proxy ?? []).map((alias) => [alias.alias, alias])),
    async standing(claimed) {
      const found = held(claimed)
      if (found === undefined) return { holds: false, refusal: undefined }
      const name = `${claimed.session}\n${claimed.task}`
      const refusal = refusals.get(name) ?? refusalOf(box, reading, claimed.session, found)
      refusals.set(name, refusal)
      return { holds: true, refusal: await refusal }
    },
    claimKey: (claimed) => held(claimed)?.claim.event.sessionkey,
    title: (key) => reading.snapshot.views.get(key)?.task.title ?? '',
  }
}

/** Why this session may not use the proxy for that task. */
async function refusalOf(
  box: Toolbox,
  reading: WholeReading,
  session: SessionName,
  held: HeldTask,
): Promise<string | undefined> {
  if (reading.config.pausedSessions.has(session)) return 'the session is paused'
  if (held.kind === 'orphan') return 'the row of the task is gone'
  const { nameOf } = capabilityBook(reading.config.governor.capabilities)
  if (!reading.skillsOf(session).has.has(nameOf(PROXY_CAPABILITY)))
    return `the session lacks the capability ${PROXY_CAPABILITY}`
  const facts = admissionFacts(box, reading, session)
  const refused = await refusedByPolicy(box, reading, facts, { action: 'call', task: held.view.task })
  return refused === undefined ? undefined : `a policy refuses: ${refused.reason}`
}
