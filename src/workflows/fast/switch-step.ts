/**
 * One step of a change of who decides, on real refs and a real etcd: read → `nextSwitchStep` → carry it out.
 *
 * Every step is a compare-and-set or idempotent, and all that is needed to go on is in refs, the board's state and
 * etcd. So whoever stops in the middle is no obstacle, and two who switch at once cost each other a lost step.
 */
import {
  fastEpoch,
  type GitClaim,
  type ModeCause,
  nextSwitchStep,
  type SwitchStep,
  type SwitchView,
  type SwitchWish,
} from '../../fast/index.ts'
import { type ClaimRecord, IfBoardError, type SessionName, type TaskKey } from '../../model/index.ts'
import type { FastEntry, FastLink, FastListing, FastPath, MoveOutcome } from '../../ports/index.ts'
import type { TaskView } from '../../projection/index.ts'
import { isCarried } from '../../witness/index.ts'
import { type FoldOutcome, foldReading } from '../fold.ts'
import { refusedError } from '../not-moved.ts'
import { isNoted } from '../noted.ts'
import { read, type WholeReading } from '../read.ts'
import { speakerOf } from '../speaker.ts'
import type { Toolbox } from '../toolbox.ts'
import { carry, isRegistered } from './carry.ts'
import { gitTasks } from './git-tasks.ts'
import { moveMode } from './move-mode.ts'

export interface SwitchTools {
  readonly box: Toolbox
  /** `undefined`: no endpoint is known here. The way down to git needs none. */
  readonly path: FastPath | undefined
  /** What a claim in etcd needs to know of a task; the value of its ready key. */
  readonly about: (view: TaskView) => string
  /**
   * Where etcd answers: keeps what it shows as held, 32 claims a call, then the closing fold, which accepts what it shows
   * as done, on the reading's board, and closes the epoch. `undefined`: etcd shows another server than the epoch began
   * with, so nothing of it counts. Absent: nothing is accepted, and who registered completes in git.
   */
  readonly closeWith?: (request: ClosingRequest) => Promise<ClosingOutcome | undefined>
}

/** `kept`: claims were, and nothing was closed yet; `stale`: nothing was. Read again. */
export type ClosingOutcome = FoldOutcome | { readonly kind: 'kept' | 'stale' }

export interface ClosingRequest {
  readonly reading: WholeReading
  /** Listed after `reading` was asked for. */
  readonly listing: FastListing
  readonly folder: SessionName
}

/** As it was read, and what stands in the way. */
export interface SeenView extends SwitchView {
  /** Etcd has the epoch key of another switch under this number: the mode ref was put back by hand. */
  readonly isForeign: boolean
}

export interface Switcher {
  readonly session: SessionName
  /** Of the next switch up. */
  readonly nonce: string
  readonly leaseMs: number
  readonly to: (view: SeenView) => SwitchWish['to']
  /** Of a change that begins with the step; asked after `to`. */
  readonly by?: () => ModeCause
  /** What the rule goes by that begins it. */
  readonly reason?: string
}

export interface Stepped {
  readonly view: SeenView
  readonly step: SwitchStep
  /** `lost`: somebody was faster, or nobody answered. Nothing is known but that it can be tried again. */
  readonly outcome: 'done' | 'lost'
  /** Held in etcd when its epoch was closed, and registered by nobody: over, as far as etcd was asked. */
  readonly lapsed?: readonly Lapsed[]
}

export interface Lapsed {
  readonly task: TaskKey
  readonly session: SessionName
}

/**
 * @throws IfBoardError what `read` and `foldReading` throw, `authority/refused`, `fast/refused`, `fast/certificate`,
 *   `fast/alarm`
 */
export async function takeSwitchStep(tools: SwitchTools, switcher: Switcher): Promise<Stepped> {
  const reading = await readSteady(tools.box)
  const { mode } = reading
  const isFilling = mode.mode === 'switching' && mode.manifest !== undefined
  return withEngine(isFilling ? tools : { ...tools, path: undefined }, reading, async (engine) => {
    const view = viewOf(tools, reading, engine)
    const { nonce, leaseMs } = switcher
    const step = nextSwitchStep(
      view,
      { nonce, leaseMs, to: switcher.to(view), by: switcher.by?.() },
      tools.box.clock.now(),
    )
    const session = await speakerOf(tools.box, reading, switcher.session)
    const { reason } = switcher
    return { view, step, ...(await carryOut(tools, session, { reading, step, engine, reason })) }
  })
}

const STEADY_TRIES = 12

/** Claims listed after the mode was read: the mode was the same before the list and in it. */
async function readSteady(box: Toolbox): Promise<WholeReading> {
  for (let tries = 1; tries <= STEADY_TRIES; tries += 1) {
    const before = (await box.refs.peek()).get(box.layout.mode)
    const reading = await read(box)
    if (reading.refs.get(box.layout.mode) === before) return reading
  }
  throw new IfBoardError('authority/busy', 'the mode keeps changing while it is read', {
    hint: 'Ask again in a moment: if-board fast status',
  })
}

/** What etcd answered about this record's space. */
interface Engine {
  readonly link: FastLink
  readonly listing: FastListing
}

async function withEngine<T>(
  { box, path }: SwitchTools,
  { mode }: WholeReading,
  work: (engine: Engine | undefined) => Promise<T>,
): Promise<T> {
  const space = { board: box.boardId, epoch: fastEpoch(mode), nonce: mode.nonce }
  const reached = await path?.connect(space)
  if (reached?.kind !== 'linked') return work(undefined)
  const { link } = reached
  try {
    const listing = await link.list()
    return await work(listing.kind === 'listed' ? { link, listing } : undefined)
  } finally {
    await link.close()
  }
}

function viewOf({ box, about }: SwitchTools, reading: WholeReading, engine: Engine | undefined): SeenView {
  const { mode, ledger, now, branch, claims } = reading
  const nonce = engine?.listing.epochNonce
  const isOpen = nonce === mode.nonce
  return {
    mode,
    // Without a ref nobody waits for anything.
    modeSeen: ledger.get(box.layout.mode) ?? { ...now, value: reading.head },
    claims: claims.map(gitClaim),
    tasks: gitTasks(reading, about),
    state: branch.fast,
    space: engine === undefined ? 'unreached' : isOpen ? 'opened' : 'not-opened',
    isForeign: nonce !== undefined && !isOpen,
  }
}

function gitClaim(claim: ClaimRecord): GitClaim {
  const { oid, key, session, modeEpoch, leaseMs, kind } = claim
  return { oid, key, session, modeEpoch, leaseMs, kind: isCarried(claim) ? 'carried' : kind }
}

interface Planned {
  readonly reading: WholeReading
  readonly step: SwitchStep
  readonly engine: Engine | undefined
  readonly reason: string | undefined
}

async function carryOut(
  tools: SwitchTools,
  session: SessionName,
  { reading, step, engine, reason }: Planned,
): Promise<CarriedOut> {
  const { box } = tools
  switch (step.kind) {
    case 'move-mode':
      if (reading.mode.mode === 'draining' && (await keepClosed(tools, reading)) === 'stale') return { outcome: 'lost' }
      return judged(await moveMode(box, reading, { session, to: step.to, reason }), 'a change of the mode')
    case 'carry': {
      const claims = step.claims.map(({ oid }) => oid)
      return judged(await carry(box, reading, { session, claims }), 'claims to be carried')
    }
    case 'fill':
      return { outcome: engine === undefined ? 'lost' : await fill(engine.link, step.entries) }
    case 'close':
      return close(tools, reading, session)
    case 'wait':
    case 'arrived':
      return { outcome: 'done' }
  }
}

type CarriedOut = Pick<Stepped, 'outcome' | 'lapsed'>

function judged(outcome: MoveOutcome, what: string): CarriedOut {
  if (outcome.kind === 'refused') throw refusedError(outcome, what)
  return { outcome: outcome.kind === 'moved' ? 'done' : 'lost' }
}

/** What the port takes at once. */
const FILLED_AT_ONCE = 32

/** The epoch key last: who finds it finds everything. */
async function fill({ opening }: FastLink, entries: readonly FastEntry[]): Promise<Stepped['outcome']> {
  for (let at = 0; at < entries.length; at += FILLED_AT_ONCE) {
    const answer = await opening.fill(entries.slice(at, at + FILLED_AT_ONCE))
    if (answer.kind !== 'filled') return 'lost'
  }
  return (await opening.open()).kind === 'opened' ? 'done' : 'lost'
}

/** Nothing of the epoch is accepted after it. Without etcd it only says so. */
async function close(tools: SwitchTools, reading: WholeReading, folder: SessionName): Promise<CarriedOut> {
  const { mode, branch } = reading
  const last = await closeWithEtcd(tools, reading, folder)
  const fast = { ...branch.fast, closed: fastEpoch(mode) }
  const folded = last?.folded ?? (await foldReading(tools.box, reading, { folder, sealed: [], sweeps: true, fast }))
  if (folded.kind === 'kept') return { outcome: 'done' }
  return folded.kind === 'folded' ? { outcome: 'done', lapsed: last?.lapsed ?? [] } : { outcome: 'lost' }
}

function lapsedOf({ claims, mode }: WholeReading, listing: FastListing): Lapsed[] {
  const registered = new Set(
    claims.filter((claim) => isRegistered(mode, claim)).map(({ key, session }) => `${session} ${key}`),
  )
  return [...listing.claims.values()]
    .map(({ task, claim: { session } }) => ({ task, session }))
    .filter(({ task, session }) => !registered.has(`${session} ${task}`))
}

async function closeWithEtcd(
  tools: SwitchTools,
  reading: WholeReading,
  folder: SessionName,
): Promise<{ readonly folded: ClosingOutcome; readonly lapsed: readonly Lapsed[] } | undefined> {
  return atTheEnd(tools, reading, async ({ listing }) => {
    const folded = await tools.closeWith?.({ reading, listing, folder })
    // What another server shows says nothing of who held what.
    return folded && { folded, lapsed: lapsedOf(reading, listing) }
  })
}

/** What only the board of the closing fold has taken: once git decides, nobody looks for it in etcd any more. */
async function keepClosed(tools: SwitchTools, reading: WholeReading): Promise<'kept' | 'stale' | undefined> {
  const { box } = tools
  if (await isNoted(box, reading)) return undefined
  const { keepChains } = await import('./keep-chains.ts')
  return atTheEnd(tools, reading, ({ listing }) => keepChains(box, reading.refs, listing))
}

/** An etcd that must be mended by a person is as good as gone: git alone is enough. */
async function atTheEnd<T>(
  tools: SwitchTools,
  reading: WholeReading,
  work: (engine: Engine) => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await withEngine(tools, reading, async (engine) => (engine === undefined ? undefined : work(engine)))
  } catch (error) {
    if (error instanceof IfBoardError && error.code.startsWith('fast/')) return undefined
    throw error
  }
}
