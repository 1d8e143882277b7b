/**
 * What a session that waits concludes from a watcher's last fetch, without asking the authority.
 *
 * Only ever "nothing for me yet": whatever is more than that is asked for with a real `next`. So what was seen may be
 * old; that costs a poll, never a wrong claim.
 */
import { beatIsDue, elapsedMs, sessionRef } from '../../claim/index.ts'
import { IfBoardError, type SessionName } from '../../model/index.ts'
import type { Instant, RefStore } from '../../ports/index.ts'
import { heldBy } from '../../projection/index.ts'
import { idleSessions, rankFor } from '../choose.ts'
import { offerOf } from '../next.ts'
import type { NextOutcome } from '../outcomes.ts'
import { type Reading, readFor } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { type Presence, presentWatcher } from './presence.ts'
import { turnMs } from './turn.ts'

export type Glance =
  /** No watcher is at work, or there may be something: ask for real. */
  | { readonly kind: 'ask' }
  /** Look again after `ms`, or when the bell rings. `outcome`: what to answer if time is over; absent: ask then. */
  | { readonly kind: 'wait'; readonly outcome: NextOutcome | undefined; readonly ms: number }

const ASK: Glance = { kind: 'ask' }

export interface GlanceRequest {
  readonly session: SessionName
  /** The authority as the last fetch of this clone left it. */
  readonly seen: RefStore
}

/** Remembers since when a task has been ready for the session, for its turn. */
export function glancer(box: Toolbox, { session, seen }: GlanceRequest): () => Promise<Glance> {
  const viewBox: Toolbox = { ...box, refs: seen }
  let readySince: Instant | undefined
  return async () => {
    const now = box.clock.now()
    const watcher = await presentWatcher(box.memory, now)
    if (watcher === undefined) return ASK
    if (!watcher.sees) return { kind: 'wait', outcome: undefined, ms: nextSignMs(watcher, now) }
    const shown = await show(viewBox, session)
    readySince = shown.kind === 'ready' ? (readySince ?? now) : undefined
    switch (shown.kind) {
      case 'nothing':
        return { kind: 'wait', outcome: shown.outcome, ms: nextSignMs(watcher, now) }
      case 'ready': {
        const leftMs = shown.turnMs - elapsedMs(readySince ?? now, now)
        return leftMs <= 0 ? ASK : { kind: 'wait', outcome: undefined, ms: leftMs }
      }
      case 'behind':
        return { kind: 'wait', outcome: undefined, ms: nextSignMs(watcher, now) }
      case 'unclear':
        return ASK
    }
  }
}

type Shown =
  | { readonly kind: 'nothing'; readonly outcome: NextOutcome }
  /** There is something for the session, and its turn comes after `turnMs`. */
  | { readonly kind: 'ready'; readonly turnMs: number }
  /** The last fetch lacks a fold of this clone; the watcher fetches next what it folds. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'unclear' }

async function show(viewBox: Toolbox, session: SessionName): Promise<Shown> {
  try {
    const reading = await readFor(viewBox, session)
    // Where git does not decide, the last fetch says nothing of what there is.
    if (reading.mode.mode !== 'git') return { kind: 'unclear' }
    if (mustSpeak(viewBox, reading, session)) return { kind: 'unclear' }
    const offer = await offerOf(viewBox, reading, { session, lostBefore: false, avoid: new Set() })
    if (offer.kind === 'choice') {
      const ready = readyFor(viewBox, offer.reading, session)
      return { kind: 'ready', turnMs: turnMs(session, idleSessions(offer.reading, session), ready) }
    }
    const outcome = await offer.outcome(true)
    return outcome.kind === 'none' && !outcome.none.finished ? { kind: 'nothing', outcome } : { kind: 'unclear' }
  } catch (error) {
    if (!(error instanceof IfBoardError)) throw error
    return { kind: error.code === 'board/rewound' ? 'behind' : 'unclear' }
  }
}

/** Until the watcher shows itself again, or is found out not to. */
function nextSignMs(watcher: Presence, now: Instant): number {
  return Math.max(1_000, watcher.withinMs - elapsedMs(watcher, now) + 1_000)
}

/** It holds something, or is due to give a sign of life: both are for a real `next`. */
function mustSpeak(box: Toolbox, { snapshot, config, ledger, now }: Reading, session: SessionName): boolean {
  if (heldBy(snapshot, session).length > 0) return true
  // By what this look saw: what is kept may be of another process by now, which saw less.
  return beatIsDue(ledger.get(sessionRef(box.layout, session, box.sha256)), now, config.leaseMinutes * 60_000)
}

function readyFor(box: Toolbox, reading: Reading, session: SessionName): number {
  return rankFor(box, reading, { session, lostBefore: false, avoid: new Set() }).length
}
