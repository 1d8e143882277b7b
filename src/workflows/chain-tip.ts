/** Where a session's chain ends: by what the authority shows, and by what folds have sealed. */
import { type ClaimRecord, IfBoardError, type ObjectId, type SealedSession, type SessionName } from '../model/index.ts'
import { type CarriedEvent, chainTip, parseSealedSession, sealedSessionPath } from '../witness/index.ts'
import { findEntry, readText } from './branch-tree.ts'
import { readClaim } from './evidence.ts'
import type { Judged } from './reading.ts'
import type { Toolbox } from './toolbox.ts'

/**
 * The newest event of the session that the authority shows: on its own ref, on any claim ref, or among
 * what these replaced (a claim that was stolen before its session's ref had moved). An event under
 * another key than the chain's speaks for somebody else.
 */
export async function tipOf(box: Toolbox, reading: Judged, session: SessionName): Promise<CarriedEvent | undefined> {
  const last = reading.snapshot.sessions.get(session)?.record.last
  const shown = [last, ...reading.claims, ...(await replacedClaims(box, reading.claims))]
  const key = last?.event.sessionkey
  return chainTip(
    session,
    shown.filter((one) => key === undefined || one?.event.sessionkey === key),
  )
}

/**
 * Every session of which the authority shows an event, where that event is: a claim whose server died before it had
 * the session's ref may be all that there is of its session, and be stolen.
 */
export async function shownSessions(box: Toolbox, reading: Judged): Promise<ReadonlySet<SessionName>> {
  const claims = [...reading.claims, ...(await replacedClaims(box, reading.claims))]
  return new Set([...reading.snapshot.sessions.keys(), ...claims.map(({ event }) => event.session)])
}

/** By the claims of one reading. */
const replaced = new WeakMap<readonly ClaimRecord[], Promise<ClaimRecord[]>>()
/** From a claim to what another session held before it: completion, grant, return, grant. */
const MAX_REPLACED = 4

function replacedClaims(box: Toolbox, claims: readonly ClaimRecord[]): Promise<ClaimRecord[]> {
  const known = replaced.get(claims) ?? walkReplaced(box, claims)
  replaced.set(claims, known)
  return known
}

async function walkReplaced(box: Toolbox, claims: readonly ClaimRecord[]): Promise<ClaimRecord[]> {
  const found: ClaimRecord[] = []
  for (const claim of claims) {
    let record: ClaimRecord | undefined = claim
    for (let steps = 0; record !== undefined && steps < MAX_REPLACED; steps += 1) {
      const replaces: ObjectId | undefined = record.event.data.replaces
      record = replaces === undefined ? undefined : await readClaim(box, replaces)
      if (record !== undefined) found.push(record)
    }
  }
  return found
}

/** Where the session's chain goes on when nothing newer than the last seal is shown. */
export async function sealedSession(
  box: Toolbox,
  reading: { readonly branch: Pick<Judged['branch'], 'tree'> },
  session: SessionName,
): Promise<SealedSession | undefined> {
  const path = sealedSessionPath(session, box.sha256)
  const entry = await findEntry(box.objects, reading.branch.tree, path)
  if (entry === undefined) return undefined
  const sealed = parseSealedSession(await readText(box.objects, entry.oid))
  if (sealed === undefined)
    throw new IfBoardError('state/invalid', `the sealed end of ${session}'s chain cannot be read`, {
      place: { file: path, line: 1, column: 1 },
      hint: 'State files are written by folds alone; revert the commit that changed this file by hand',
    })
  return sealed
}
