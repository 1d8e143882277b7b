/** What `fast status` says. Pure. */
import type { ModeRecord } from '../../fast/index.ts'
import { printable, splitTaskKey, type TaskKey } from '../../model/index.ts'
import type { FastListing } from '../../ports/index.ts'
import type { FastStatus } from '../../workflows/fast/status.ts'
import type { SwitchOutcome } from '../../workflows/fast/switch.ts'
import type { Stepped } from '../../workflows/fast/switch-step.ts'
import { escalationJson, escalationLines } from './escalation.ts'
import { plural } from './words.ts'

const SHOWN = 20

export function fastStatusJson({ record, engine, escalation, isWatched }: FastStatus): object {
  return {
    kind: 'fast-status',
    record: record === undefined ? null : recordJson(record),
    engine: engine.kind === 'listed' ? listedJson(engine) : engine,
    escalation: escalation === undefined ? null : escalationJson(escalation, isWatched),
  }
}

function recordJson({ mode, epoch, leaseMs, manifest, by }: ModeRecord): object {
  return { mode, epoch, leaseSeconds: leaseMs / 1000, carried: manifest?.length ?? 0, by: by ?? null }
}

/** What `fast up`, `fast down` answer. */
export function switchJson({ kind, mode, steps, claims, lapsed }: SwitchOutcome): object {
  return { kind, record: recordJson(mode), steps, claims, lapsed }
}

export function switchText({ kind, mode, claims, lapsed }: SwitchOutcome): string {
  const decides = `${DECIDES[mode.mode]} Epoch ${mode.epoch}, mode lease ${mode.leaseMs / 1000} s.`
  if (kind === 'unchanged') return `Nothing to do. ${decides}`
  const held = plural(claims, 'claim')
  return [
    `${decides} ${mode.mode === 'etcd' ? `${held} carried over.` : `${held} held.`}`,
    ...lapsedLines(lapsed),
  ].join('\n')
}

const MAX_LAPSED = 10

function lapsedLines(lapsed: SwitchOutcome['lapsed']): string[] {
  if (lapsed.length === 0) return []
  const named = lapsed.slice(0, MAX_LAPSED).map(({ task, session }) => {
    const { id } = splitTaskKey(task)
    return `  ${session} held ${id}; again: if-board claim ${id} --session ${session}`
  })
  const more = lapsed.length - named.length
  return ['Held in etcd and not kept in git, so they are over:', ...named, ...(more > 0 ? [`  and ${more} more`] : [])]
}

/** What a switch does now, for whoever waits for it; `undefined`: it is over in a moment. */
export function stepLine({ step, view }: Stepped): string | undefined {
  switch (step.kind) {
    case 'carry':
      return `carrying ${plural(step.claims.length, 'claim')}`
    case 'fill':
      return `filling etcd with ${plural(step.entries.length, 'key')}`
    case 'close':
      return 'closing the epoch of etcd in git'
    case 'wait':
      return view.mode.mode === 'draining'
        ? `waiting ${Math.ceil(step.ms / 1000)} s, until nobody believes in etcd any more`
        : 'waiting for etcd, which does not answer'
    case 'move-mode':
    case 'arrived':
      return undefined
  }
}

function listedJson({ isOpen, listing }: { readonly isOpen: boolean; readonly listing: FastListing }): object {
  const { revision, ready, claims, done, projector, armed, unreadable } = listing
  return {
    ...{ kind: 'listed', isOpen, revision, unreadable },
    ready: [...ready.keys()],
    claims: [...claims.values()].map(({ task, claim, revision: at }) => ({
      task,
      session: claim.session,
      revision: at,
    })),
    done: [...done.values()].map(({ task, session, token, revision: at }) => ({ task, session, token, revision: at })),
    projector: projector?.name ?? null,
    armed: armed ?? null,
  }
}

export function fastStatusText({ record, engine, escalation, isWatched }: FastStatus): string {
  if (record === undefined) return 'The mode record is not understood: nothing is claimed until it is.'
  const { mode, epoch, leaseMs } = record
  const lines = [`${DECIDES[mode]} Epoch ${epoch}, mode lease ${leaseMs / 1000} s.`]
  if (engine.kind === 'unreached') lines.push(`etcd was not reached: ${printable(engine.reason, 300)}`)
  if (engine.kind === 'not-asked' && mode !== 'git') lines.push('No endpoint of etcd is named here.')
  if (engine.kind === 'listed') lines.push(...listedLines(engine))
  if (escalation !== undefined) lines.push(...escalationLines(escalation, isWatched))
  return lines.join('\n')
}

const DECIDES = {
  git: 'Git decides claims.',
  switching: 'Claims are carried over to etcd.',
  etcd: 'etcd decides claims.',
  draining: 'Claims go back to git.',
} as const

function listedLines({ isOpen, listing }: { readonly isOpen: boolean; readonly listing: FastListing }): string[] {
  const { revision, ready, claims, done, projector, armed, unreadable } = listing
  const claimed = [...claims.values()].map(({ task, claim }) => line(task, `held by ${claim.session}`))
  const waiting = [...done.values()].map(({ task, session }) => line(task, `done by ${session}, not yet in git`))
  const shown = [...claimed, ...waiting]
  return [
    `etcd at revision ${revision}: ${isOpen ? '' : 'the epoch is not open here; '}${ready.size} ready or held, ${claims.size} held, ${done.size} done and not yet in git.`,
    projector === undefined
      ? 'Nobody folds what etcd holds into git.'
      : `${projector.name} folds what etcd holds into git; ${armed === undefined ? 'nothing is armed, so nothing is claimed' : `armed, tick ${armed.tick}`}.`,
    ...(unreadable === 0 ? [] : [`${plural(unreadable, 'value')} of somebody else’s cannot be read.`]),
    ...shown.slice(0, SHOWN),
    ...(shown.length > SHOWN ? [`  and ${shown.length - SHOWN} more: --json`] : []),
  ]
}

function line(task: TaskKey, what: string): string {
  return `  ${printable(task, 100)}  ${what}`
}
