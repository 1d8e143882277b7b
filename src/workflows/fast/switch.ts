/** `fast up`, `fast down`, and whoever finds a switch that its leader did not end: one step after another. */
import { elapsedMs } from '../../claim/index.ts'
import type { ModeCause, ModeRecord } from '../../fast/index.ts'
import { type Config, IfBoardError, type SessionName } from '../../model/index.ts'
import type { Instant } from '../../ports/index.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { moveMode } from './move-mode.ts'
import {
  type Lapsed,
  type SeenView,
  type Stepped,
  type Switcher,
  type SwitchTools,
  takeSwitchStep,
} from './switch-step.ts'

export interface SwitchRequest {
  readonly to: 'git' | 'etcd'
  /** In whose name claims are carried and the mode is moved. */
  readonly session: SessionName
  /** M of the next switch up: whole seconds, 1 to 600, in milliseconds. */
  readonly leaseMs: number
  /** Told after each step, and before each wait. */
  readonly tell?: ((stepped: Stepped) => void) | undefined
}

export interface SwitchOutcome {
  /** `unchanged`: it was so already. */
  readonly kind: 'switched' | 'unchanged'
  readonly mode: ModeRecord
  /** Steps that were taken here; others may have taken more. */
  readonly steps: number
  /** Claims that were carried to etcd, or that count in git now. */
  readonly claims: number
  /** What was held in etcd and nobody registered in git, as far as this process closed the epoch and reached etcd. */
  readonly lapsed: readonly Lapsed[]
}

/** Steps in a row that came to nothing because others were faster. */
const MAX_LOST = 30

/**
 * What a person typed, until it has arrived. Going up with an etcd that stops answering is given up after 20 s, back to
 * git; going down waits for the grace, counted from this clone's first sight of the draining.
 *
 * @throws IfBoardError `fast/settings` where boards cannot be in etcd, `fast/unreached` where the way up was given up or
 *   not begun, `authority/busy`, and what `takeSwitchStep` throws
 */
export async function switchMode(tools: SwitchTools, request: SwitchRequest): Promise<SwitchOutcome> {
  if (request.to === 'etcd') {
    const before = await read(tools.box)
    if (before.mode.mode === 'git') await assertMayGoUp(tools, before)
  }
  const outcome = await untilArrived(tools, request)
  if (request.to === 'git' && outcome.mode.by !== 'person') await rememberPerson(tools.box, request)
  return outcome
}

async function untilArrived(tools: SwitchTools, request: SwitchRequest): Promise<SwitchOutcome> {
  const course = courseOf(tools, request)
  let steps = 0
  let lapsed: readonly Lapsed[] = []
  for (let lost = 0; lost <= MAX_LOST; ) {
    const stepped = await takeSwitchStep(tools, course.switcher)
    const { step, outcome, view } = stepped
    if (step.kind === 'arrived') {
      if (course.isGivenUp()) throw unreached('it stopped answering, or has an epoch of this number already')
      return { kind: steps === 0 ? 'unchanged' : 'switched', mode: view.mode, steps, claims: heldIn(view), lapsed }
    }
    lapsed = stepped.lapsed ?? lapsed
    request.tell?.(stepped)
    lost = outcome === 'lost' ? lost + 1 : 0
    if (outcome === 'done') steps += 1
    await pauseAfter(tools.box, stepped, lost)
  }
  throw changing(request.to)
}

/**
 * Where a switch is under way, to its end: up where etcd is known here, else as far as it goes; down to git.
 * `undefined`: none was, or it is left to others.
 *
 * @throws IfBoardError as `switchMode`
 */
export async function endSwitch(
  tools: SwitchTools,
  { session, tell }: Pick<SwitchRequest, 'session' | 'tell'>,
): Promise<SwitchOutcome | undefined> {
  const { mode } = await read(tools.box)
  if (mode.mode === 'git' || mode.mode === 'etcd') return undefined
  if (mode.mode === 'switching' && tools.path === undefined) {
    await goOnSwitching(tools, session)
    return undefined
  }
  return untilArrived(tools, { to: mode.mode === 'draining' ? 'git' : 'etcd', session, leaseMs: mode.leaseMs, tell })
}

/** Steps that one turn of the watcher takes at most. */
const MAX_STEPS = 200
const LOST_AGAIN_MS = 500

/**
 * For whoever comes by again: a switch that is under way, as far as it goes without waiting. Answers after how many
 * milliseconds there may be more to do; `undefined`: none is under way any more.
 *
 * @throws IfBoardError what `takeSwitchStep` throws
 */
export async function goOnSwitching(tools: SwitchTools, session: SessionName): Promise<number | undefined> {
  const { clock, chance } = tools.box
  const to = (view: SeenView) => {
    const isGivenUp = view.mode.mode === 'switching' && isStuck(tools, view, clock.now())
    return isGivenUp ? 'git' : onward(view)
  }
  // No switch begins here but back from a way up, so neither nonce nor lease is used.
  const switcher = { session, nonce: '', leaseMs: 0, to, by: () => 'trouble' as const }
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const { step, outcome } = await takeSwitchStep(tools, switcher)
    if (step.kind === 'arrived') return undefined
    if (step.kind === 'wait') return step.ms
    if (outcome === 'lost') return LOST_AGAIN_MS * (1 + chance.fraction())
  }
  return LOST_AGAIN_MS
}

export interface BeginRequest extends Pick<SwitchRequest, 'to' | 'session' | 'leaseMs'> {
  /** The record that was judged: a change begins from that one or not at all. */
  readonly from: Pick<ModeRecord, 'mode' | 'epoch' | 'by'>
  readonly by: ModeCause
  /** What was measured. */
  readonly reason: string
}

/**
 * Takes the first step alone: whoever stays goes on with `goOnSwitching`, as with any switch that is under way.
 * `overtaken`: who decides has changed since, or somebody else was faster; nothing was begun here.
 *
 * @throws IfBoardError as `switchMode`
 */
export async function beginSwitch(tools: SwitchTools, request: BeginRequest): Promise<'begun' | 'overtaken'> {
  const { to, from, session, leaseMs, by, reason } = request
  const reading = await read(tools.box)
  if (!isSame(reading.mode, from)) return 'overtaken'
  if (to === 'etcd') await assertMayGoUp(tools, reading)
  // What has changed since goes on its way: this one step may help another’s switch along, and turns none back.
  const wish = (view: SeenView) => (isSame(view.mode, from) ? to : onward(view))
  const nonce = tools.box.chance.hex(16)
  const { view, outcome } = await takeSwitchStep(tools, { session, leaseMs, nonce, to: wish, by: () => by, reason })
  return outcome === 'done' && isSame(view.mode, from) ? 'begun' : 'overtaken'
}

function onward({ mode: { mode } }: SeenView): SwitchRequest['to'] {
  return mode === 'switching' || mode === 'etcd' ? 'etcd' : 'git'
}

function isSame(one: BeginRequest['from'], other: BeginRequest['from']): boolean {
  return one.mode === other.mode && one.epoch === other.epoch && one.by === other.by
}

interface Course {
  readonly switcher: Switcher
  readonly isGivenUp: () => boolean
}

function courseOf(tools: SwitchTools, { to, session, leaseMs }: SwitchRequest): Course {
  let isGivenUp = false
  return {
    isGivenUp: () => isGivenUp,
    switcher: {
      session,
      leaseMs,
      nonce: tools.box.chance.hex(16),
      by: () => (isGivenUp ? 'trouble' : 'person'),
      to: (view) => {
        isGivenUp ||= to === 'etcd' && isStuck(tools, view, tools.box.clock.now())
        return isGivenUp ? 'git' : to
      },
    },
  }
}

/** Waiting in pieces: meanwhile somebody else may be done. */
const LONGEST_WAIT_MS = 2000

async function pauseAfter({ clock, chance }: Toolbox, { step, outcome }: Stepped, lost: number): Promise<void> {
  if (step.kind === 'wait') await clock.sleep(Math.min(step.ms, LONGEST_WAIT_MS))
  else if (outcome === 'lost') await clock.sleep(chance.fraction() * Math.min(30 * 2 ** lost, 1000))
}

/** How long a way up may last whose etcd does not answer this clone. */
const UNREACHED_MS = 20_000
/** The same for a clone that knows no etcd: somebody else may be filling it. */
const UNKNOWN_MS = 120_000

/** Giving up is always safe: nobody claims in etcd before the mode says etcd. */
function isStuck({ path }: SwitchTools, { mode, space, modeSeen, isForeign }: SeenView, now: Instant): boolean {
  const isFilling = mode.mode === 'switching' && mode.manifest !== undefined
  const patienceMs = path === undefined ? UNKNOWN_MS : UNREACHED_MS
  const isGone = space === 'unreached' && elapsedMs(modeSeen, now) >= patienceMs
  return isFilling && (isForeign || isGone)
}

function heldIn({ mode, claims }: SeenView): number {
  if (mode.mode === 'etcd') return mode.manifest?.length ?? 0
  const isLive = ({ kind }: SeenView['claims'][number]) => kind === 'granted' || kind === 'carried'
  return claims.filter((claim) => isLive(claim) && claim.modeEpoch >= mode.since).length
}

/** @throws IfBoardError `fast/settings`, `fast/unreached` */
async function assertMayGoUp(
  tools: SwitchTools,
  { mode, config }: Pick<WholeReading, 'mode' | 'config'>,
): Promise<void> {
  assertFits(config)
  await needEngine(tools, mode)
}

const REMEMBER_TRIES = 3

/**
 * Where claims may go up by themselves, the record keeps that a person asked for git: also where git decided already, or
 * where somebody else began the way down. Whoever changes the mode meanwhile has the last word.
 */
async function rememberPerson(box: Toolbox, { session }: Pick<SwitchRequest, 'session'>): Promise<void> {
  for (let tries = 1; tries <= REMEMBER_TRIES; tries += 1) {
    const reading = await read(box)
    const { mode, config } = reading
    if (config.escalation === undefined || mode.mode !== 'git' || mode.by === 'person') return
    if ((await moveMode(box, reading, { session, to: { ...mode, by: 'person' } })).kind === 'moved') return
  }
}

/** A completion that waits for its merge is kept in its claim ref, and etcd has no such state. */
function assertFits({ doneWhen }: Pick<Config, 'doneWhen'>): void {
  if (doneWhen === 'reported') return
  throw new IfBoardError('fast/settings', 'boards with `doneWhen: merged` stay in git: etcd keeps no reviews', {
    hint: 'Leave the decision with git, or set `doneWhen: reported` in the configuration: if-board checkout',
  })
}

/** Nothing is changed where etcd does not even answer. */
async function needEngine({ path, box }: SwitchTools, { epoch }: ModeRecord): Promise<void> {
  const reached = await path?.connect({ board: box.boardId, epoch: epoch + 1, nonce: box.chance.hex(16) })
  if (reached?.kind === 'linked') return reached.link.close()
  throw unreached(reached?.reason ?? 'no endpoint is named here')
}

function unreached(reason: string): IfBoardError {
  return new IfBoardError('fast/unreached', `etcd was not reached, so git goes on deciding claims: ${reason}`, {
    hint: 'if-board fast probe',
  })
}

function changing(to: SwitchRequest['to']): IfBoardError {
  return new IfBoardError('authority/busy', 'the mode, the claims or the board keep changing', {
    hint: `Nothing is lost; go on with: if-board fast ${to === 'etcd' ? 'up' : 'down'}`,
  })
}
