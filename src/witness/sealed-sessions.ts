/**
 * Where each session's chain ends for good: `.if-board/state/sealed/<session ref key>` on the branch.
 *
 * One line of canonical JSON per file, written by folds alone:
 *
 *     {"commit":"<commit of that event>","hash":"<its SHA-256>","sequence":17,"session":"session-4"}
 *
 * A file per session, so that a fold touches only the sessions that it seals.
 */
import { isObjectId, isSessionName, refKey, type SealedSession, type SessionName, type Sha256 } from '../model/index.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import type { CarriedEvent } from './chain.ts'
import { eventHash } from './event-commit.ts'

export const SEALED_FOLDER = '.if-board/state/sealed'

/** Path of a session's file below the root of the coordination branch. */
export function sealedSessionPath(session: SessionName, sha256: Sha256): string {
  return `${SEALED_FOLDER}/${refKey(session, sha256)}`
}

export function renderSealedSession({ session, sequence, hash, commit }: SealedSession): string {
  return `${canonicalJson({ session, sequence, hash, commit })}\n`
}

/** The text of such a file; `undefined` when a fold would not have written it so. */
export function parseSealedSession(text: string): SealedSession | undefined {
  return text.endsWith('\n') ? parseSealedLine(text.slice(0, -1)) : undefined
}

/** The line without its end, as notes carry it. */
export function parseSealedLine(line: string): SealedSession | undefined {
  const value = parseCanonicalJson(line)
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 4) return undefined
  const { session, sequence, hash, commit } = value as Record<string, unknown>
  if (typeof session !== 'string' || !isSessionName(session)) return undefined
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 1) return undefined
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return undefined
  if (typeof commit !== 'string' || !isObjectId(commit)) return undefined
  return { session, sequence: sequence as number, hash, commit }
}

/** Where the chains end that these events belong to: the newest event of each session, by name. */
export function sealedSessionsOf(events: readonly CarriedEvent[], sha256: Sha256): SealedSession[] {
  const newest = new Map<SessionName, CarriedEvent>()
  for (const one of events) {
    const known = newest.get(one.event.session)
    if (known === undefined || one.event.sequence > known.event.sequence) newest.set(one.event.session, one)
  }
  return [...newest.values()]
    .map(({ oid, event }) => ({
      session: event.session,
      sequence: event.sequence,
      hash: eventHash(event, sha256),
      commit: oid,
    }))
    .sort((a, b) => (a.session < b.session ? -1 : 1))
}
