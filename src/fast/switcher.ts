/**
 * The next step of a change of who decides, from what is read alone: whoever comes by can take it, and whoever died
 * in the middle is no obstacle. A step that lost its compare-and-set changed nothing; read again.
 */
import type { FirstSeen, Moment } from '../claim/index.ts'
import { countsInGit, elapsedMs } from '../claim/index.ts'
import type { ClaimRecord, TaskKey } from '../model/index.ts'
import type { FastEntry } from '../ports/index.ts'
import {
  backToGit,
  type CarriedClaim,
  drain,
  giveUp,
  goFast,
  goUp,
  type ModeCause,
  type ModeRecord,
  withManifest,
} from './mode.ts'
import type { FastState, GitTask } from './projector.ts'
import { graceMs, isGraceOver } from './validity.ts'

export interface SwitchView {
  readonly mode: ModeRecord
  /** First sight of the mode ref as it is now. */
  readonly modeSeen: FirstSeen
  /** What claim refs hold, listed **after** the mode was read. */
  readonly claims: readonly GitClaim[]
  readonly tasks: ReadonlyMap<TaskKey, GitTask>
  readonly state: FastState
  /** Does the epoch key of this record's space exist? `unreached`: etcd did not answer. */
  readonly space: 'opened' | 'not-opened' | 'unreached'
}

export type GitClaim = Pick<ClaimRecord, 'oid' | 'key' | 'session' | 'modeEpoch' | 'leaseMs'> & {
  /** `carried`: moved by a switch, under the epoch of that switch. */
  readonly kind: ClaimRecord['kind'] | 'carried'
}

export type SwitchStep =
  /** One compare-and-set of the mode ref, from the value that was read. */
  | { readonly kind: 'move-mode'; readonly to: ModeRecord }
  /** One compare-and-set of each claim ref, g → m. */
  | { readonly kind: 'carry'; readonly claims: readonly GitClaim[]; readonly epoch: number }
  /** `FastOpening.fill` in batches, then `open`. */
  | { readonly kind: 'fill'; readonly entries: readonly FastEntry[] }
  /** A fold that accepts what etcd still shows, if it answers, and closes the epoch. */
  | { readonly kind: 'close'; readonly epoch: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'arrived' }

export interface SwitchWish {
  readonly to: 'git' | 'etcd'
  /** Of the next switch up. */
  readonly nonce: string
  readonly leaseMs: number
  /** Of a change that this step begins. */
  readonly by?: ModeCause | undefined
}

export function nextSwitchStep(view: SwitchView, wish: SwitchWish, now: Moment): SwitchStep {
  const { mode } = view
  switch (mode.mode) {
    case 'git':
      return wish.to === 'git' ? { kind: 'arrived' } : { kind: 'move-mode', to: goUp(mode, wish) }
    case 'switching':
      return wish.to === 'git' ? { kind: 'move-mode', to: giveUp(mode, wish.by) } : upwards(view)
    case 'etcd':
      return wish.to === 'etcd' ? { kind: 'arrived' } : { kind: 'move-mode', to: drain(mode, wish.by) }
    case 'draining':
      return downwards(view, now)
  }
}

function upwards(view: SwitchView): SwitchStep {
  const { mode, claims, space } = view
  const live = claims.filter((claim) => claim.kind !== 'returned' && claim.kind !== 'completed' && counts(mode, claim))
  const left = live.filter((claim) => claim.kind !== 'carried' || claim.modeEpoch !== mode.epoch)
  if (mode.manifest === undefined && left.length > 0) return { kind: 'carry', claims: left, epoch: mode.epoch }
  if (mode.manifest === undefined) return { kind: 'move-mode', to: withManifest(mode, live.map(toCarried)) }
  if (space === 'unreached') return { kind: 'wait', ms: mode.leaseMs / 3 }
  if (space === 'opened') return { kind: 'move-mode', to: goFast(mode) }
  return { kind: 'fill', entries: entriesOf(view, mode.manifest) }
}

function counts(mode: ModeRecord, { modeEpoch }: GitClaim): boolean {
  return countsInGit(mode, { kind: 'granted', modeEpoch })
}

function toCarried({ key, session, oid }: GitClaim): CarriedClaim {
  return { task: key, session, claim: oid }
}

/**
 * Ready keys first: who finds the epoch key finds everything. A carried claim lasts as long as it does in git, since its
 * session may have nobody who renews it; who has takes it over under a lease of its own.
 */
function entriesOf(
  { tasks, mode, claims: inGit }: SwitchView,
  manifest: readonly CarriedClaim[],
): readonly FastEntry[] {
  const carried = new Set(manifest.map(({ task }) => task))
  const ready = [...tasks]
    .filter(([task, { ready, settled }]) => !settled && (ready || carried.has(task)))
    .map(([task, { about }]) => ({ kind: 'ready' as const, task, about }))
  const leases = new Map(inGit.map(({ oid, leaseMs }) => [oid, leaseMs]))
  const claims = manifest
    .filter(({ task }) => tasks.get(task)?.settled === false)
    .map(({ task, session, claim }) => {
      const value = { session, nonce: claim as string, event: claim as string }
      const leaseMs = Math.max(mode.leaseMs, leases.get(claim) ?? 0)
      return { kind: 'claim' as const, task, claim: value, leaseSeconds: Math.floor(leaseMs / 1000) }
    })
  return [...ready, ...claims]
}

/** Closing comes after grace: a completion that was put in time is accepted as long as possible. */
function downwards({ mode, modeSeen, state }: SwitchView, now: Moment): SwitchStep {
  if (!isGraceOver(modeSeen, mode.leaseMs, now))
    return { kind: 'wait', ms: Math.max(1, graceMs(mode.leaseMs) - elapsedMs(modeSeen, now)) }
  const epoch = mode.epoch - 1
  if (state.closed < epoch) return { kind: 'close', epoch }
  return { kind: 'move-mode', to: backToGit(mode) }
}
