/** `fast up`, `fast down`, and whoever finds a switch that its leader did not end: one step after another. */

import { elapsedMs } from '../../claim/index.ts'
import type { ModeRecord, SwitchStep, SwitchView } from '../../fast/index.ts'
import { IfBoardError, type SessionName } from '../../model/index.ts'
import { read } from '../read.ts'
import { type Stepped, type SwitchTools, takeSwitchStep } from './switch-step.ts'

export interface SwitchRequest {
  readonly to: 'git' | 'etcd'
  /** In whose name claims are carried and the mode is moved. */
  readonly session: SessionName
  /** M of the next switch up: whole seconds, 1 to 600. */
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
  /** Claims that are carried to etcd, or that hold in git again. */
  readonly claims: number
}

/** Steps in a row that came to nothing because others were faster, or etcd did not answer. */
const MAX_LOST = 30
/** How long the way up waits for an etcd that does not answer, before it gives up. */
const UNREACHED_MS = 20_000

/**
 * Until it has arrived. Going up with an etcd that does not answer is given up after 20 s, back to git; going down waits
 * for the grace, counted from this clone's first sight of the draining.
 *
 * @throws IfBoardError `fast/unreached` where the way up was given up, `authority/busy`, and what `takeSwitchStep` throws
 */
export async function switchMode(tools: SwitchTools, request: SwitchRequest): Promise<SwitchOutcome> {
  const { box } = tools
  const before = (await read(box)).mode
  if (request.to === 'etcd' && before.mode === 'git') await needEngine(tools, before)
  const nonce = box.chance.hex(16)
  const { session, leaseMs, tell } = request
  let [steps, lost, isGivenUp] = [0, 0, false]
  for (;;) {
    const to = (view: SwitchView) => {
      isGivenUp ||= request.to === 'etcd' && isStuck(view, box.clock.now())
      return isGivenUp ? 'git' : wishAmid(view, request.to)
    }
    const stepped = await takeSwitchStep(tools, { session, nonce, leaseMs, to })
    const { step, outcome, view } = stepped
    if (step.kind === 'arrived') {
      if (isGivenUp) throw unreached('it does not answer any more')
      return { kind: steps === 0 ? 'unchanged' : 'switched', mode: view.mode, steps, claims: heldIn(view) }
    }
    tell?.(stepped)
    lost = outcome === 'lost' ? lost + 1 : 0
    if (lost > MAX_LOST) throw changing(request.to)
    if (step.kind === 'wait') await box.clock.sleep(Math.min(step.ms, LONGEST_WAIT_MS))
    else if (outcome === 'lost') await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** lost, 1000))
    else steps += 1
  }
}

/** Waiting in pieces: meanwhile somebody else may be done. */
const LONGEST_WAIT_MS = 2000

/** Draining goes to its end whatever is wished: what was begun there cannot be taken back. */
function wishAmid({ mode }: SwitchView, to: SwitchRequest['to']): SwitchRequest['to'] {
  return mode.mode === 'draining' ? 'git' : to
}

function isStuck({ mode, space, modeSeen }: SwitchView, now: Parameters<typeof elapsedMs>[1]): boolean {
  const isFilling = mode.mode === 'switching' && mode.manifest !== undefined
  return isFilling && space === 'unreached' && elapsedMs(modeSeen, now) >= UNREACHED_MS
}

function heldIn({ mode, claims }: SwitchView): number {
  if (mode.mode === 'etcd') return mode.manifest?.length ?? 0
  return claims.filter(({ kind, modeEpoch }) => isLive(kind) && modeEpoch >= mode.since).length
}

function isLive(kind: SwitchView['claims'][number]['kind']): boolean {
  return kind === 'granted' || kind === 'carried'
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

export type StepKind = SwitchStep['kind']
