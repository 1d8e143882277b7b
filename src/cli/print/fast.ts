/** What `fast status` says. Pure. */
import { printable, type TaskKey } from '../../model/index.ts'
import type { FastListing } from '../../ports/index.ts'
import type { FastStatus } from '../../workflows/fast/status.ts'
import { plural } from './words.ts'

const SHOWN = 20

export function fastStatusJson({ record, engine }: FastStatus): object {
  const mode = record && {
    mode: record.mode,
    epoch: record.epoch,
    leaseSeconds: record.leaseMs / 1000,
    carried: record.manifest?.length ?? 0,
  }
  return { kind: 'fast-status', record: mode ?? null, engine: engine.kind === 'listed' ? listedJson(engine) : engine }
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

export function fastStatusText({ record, engine }: FastStatus): string {
  if (record === undefined) return 'The mode record is not understood: nothing is claimed until it is.'
  const { mode, epoch, leaseMs } = record
  const decides = mode === 'git' ? 'Git decides claims.' : DECIDES[mode]
  const lines = [`${decides} Epoch ${epoch}, mode lease ${leaseMs / 1000} s.`]
  if (engine.kind === 'unreached') lines.push(`etcd was not reached: ${printable(engine.reason, 300)}`)
  if (engine.kind === 'not-asked' && mode !== 'git') lines.push('No endpoint of etcd is named here.')
  if (engine.kind === 'listed') lines.push(...listedLines(engine))
  return lines.join('\n')
}

const DECIDES = {
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
