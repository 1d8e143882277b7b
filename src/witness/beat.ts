/**
 * A beat: the commit that a session's ref holds as a sign of life, no event and never logged.
 *
 * It replaces the last beat, and its parent is the commit of the chain's last event, so that the
 * chain stays reachable while its ref points elsewhere. Same shape as an event's commit, message:
 *
 *     session-4 is alive
 *
 *     {"beat":"<nonce>","last":"<commit of the last event>","session":"session-4","time":"…"}
 *
 * `last` is absent on a sealed chain. Beats are not signed: who may push may also keep a claim
 * alive, and nothing else follows from one.
 */
import {
  type EpochMs,
  encodeCommit,
  type GitObject,
  invariant,
  isObjectId,
  isSessionName,
  type ObjectId,
  parseCommit,
  type SessionName,
} from '../model/index.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { jsonLineOf, MAX_COMMIT_BYTES, sameBytes, sessionEmail } from './session-commit.ts'
import { formatTime, parseTime } from './time.ts'

export interface Beat {
  readonly session: SessionName
  /** By the session's own clock, for people; no rule compares it. */
  readonly at: EpochMs
  /** 1 to 64 hexadecimal digits: two beats in one millisecond are two objects. */
  readonly nonce: string
  /** Commit of the chain's last event, unless sealed. */
  readonly last: ObjectId | undefined
  readonly parents: readonly ObjectId[]
}

export function beatCommit(beat: Beat, emptyTree: ObjectId): GitObject {
  invariant(isNonce(beat.nonce), 'the nonce of a beat is hexadecimal')
  const json = canonicalJson({
    beat: beat.nonce,
    session: beat.session,
    time: formatTime(beat.at),
    last: beat.last,
  })
  return encodeCommit({
    tree: emptyTree,
    parents: beat.parents,
    name: beat.session,
    email: sessionEmail(beat.session),
    seconds: Math.floor(beat.at / 1000),
    message: `${beat.session} is alive\n\n${json}\n`,
  })
}

/** The beat of a commit; `undefined` for any commit that `beatCommit` would not have written so. */
export function decodeBeat(body: Uint8Array): Beat | undefined {
  if (body.length > MAX_COMMIT_BYTES) return undefined
  const commit = parseCommit(body)
  const json = commit === undefined ? undefined : jsonLineOf(commit)
  if (commit === undefined || json === undefined) return undefined
  const beat = beatOf(parseCanonicalJson(json), commit.parents)
  return beat !== undefined && sameBytes(beatCommit(beat, commit.tree).body, body) ? beat : undefined
}

function beatOf(value: unknown, parents: readonly ObjectId[]): Beat | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { beat: nonce, session, time, last } = value as Record<string, unknown>
  if (typeof session !== 'string' || !isSessionName(session) || !isNonce(nonce)) return undefined
  const at = typeof time === 'string' ? parseTime(time) : undefined
  if (at === undefined) return undefined
  if (last === undefined) return { session, at, nonce, last, parents }
  return typeof last === 'string' && isObjectId(last) ? { session, at, nonce, last, parents } : undefined
}

function isNonce(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{1,64}$/.test(value)
}
