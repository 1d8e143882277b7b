/** What the governor's rules go by, of one reading: the one place where it is gathered. */
import { type AdmissionFacts, capabilityBook, openBudget, reputationOf } from '../governor/index.ts'
import type { Amount, ObjectId, SessionName } from '../model/index.ts'
import { heldBy, helpWanted } from '../projection/index.ts'
import { pinnedIds, sessionMatches } from '../scheduler/index.ts'
import { liveClaims } from './expiry.ts'
import type { Reading } from './reading.ts'
import type { Toolbox } from './toolbox.ts'

/** A claim that has landed, judged once more as if it were still to be asked for. */
export interface Landed {
  readonly oid: ObjectId
  /** What it has set aside. */
  readonly reserve: Amount
}

export function admissionFacts(box: Toolbox, reading: Reading, session: SessionName, landed?: Landed): AdmissionFacts {
  const { config, snapshot, accounts, skillsOf, claims } = reading
  const live = liveClaims(box, reading).filter(({ claim }) => claim?.oid !== landed?.oid)
  const held = landed === undefined ? heldBy(snapshot, session) : live.filter(({ holder }) => holder === session)
  const others = accounts.reserved.filter(({ claim }) => claim !== landed?.oid)
  return {
    config,
    session,
    now: reading.now.wallMs,
    holds: held.length,
    liveClaims: live.length,
    accounts,
    book: capabilityBook(config.governor.capabilities),
    skills: skillsOf(session),
    helping: helpWanted(claims),
    budget: openBudget({
      rules: config.governor.budget,
      accounts: { ...accounts, reserved: others },
      session,
      ...(landed === undefined ? {} : { reserve: landed.reserve }),
    }),
    reputation: reputationOf(accounts.ledger.sessions.find((account) => account.session === session)),
    isAssigned: assignedTo(reading, session),
  }
}

function assignedTo({ branch }: Reading, session: SessionName): AdmissionFacts['isAssigned'] {
  const pinned: ReadonlySet<string> = new Set(pinnedIds(branch.pins, session))
  return ({ id, owner, assigned }) => {
    const words = owner ?? assigned
    return pinned.has(id) || (words !== undefined && sessionMatches(words, session))
  }
}
