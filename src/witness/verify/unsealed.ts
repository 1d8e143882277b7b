/** Chain and above: what refs hold goes on where the sealed log ends. */
import type { ObjectId, RefName, SignedEvent } from '../../model/index.ts'
import type { CarriedEvent } from '../chain.ts'
import { eventHash } from '../event-commit.ts'
import { judgeEvent } from './event-rules.ts'
import type { ChainFacts, ClaimFacts } from './facts.ts'
import type { Operation, SealedLog } from './notes.ts'
import { nameOf, placeOf } from './places.ts'
import type { VerifyRequest } from './tools.ts'

type HeldEvent = ClaimFacts & { readonly event: SignedEvent }

/** Appends what lies beyond the seal to the sessions of the log; answers it by commit. */
export function judgeUnsealed(request: VerifyRequest, log: SealedLog): ReadonlyMap<ObjectId, Operation> {
  const operations = new Map<ObjectId, Operation>()
  const append = ({ oid, event }: CarriedEvent, ref: RefName) => {
    const place = { ref, ...placeOf(event) }
    log.sessions.append(event, eventHash(event, request.tools.sha256), place)
    judgeEvent(request, log.sessions, event, place)
    log.prunes.announce(event)
    operations.set(oid, { event, granted: true })
  }
  for (const chain of request.facts.chains) for (const one of beyondSeal(request, chain, log)) append(one, chain.ref)
  for (const { ref, oid, event } of request.facts.claims)
    if (event !== undefined && isOneAhead(request, { ref, oid, event }, log)) append({ oid, event }, ref)
  return operations
}

/** Events of a chain that the sealed log does not have; one that it has must be the same one. */
function beyondSeal({ tools, findings }: VerifyRequest, { ref, events }: ChainFacts, log: SealedLog): CarriedEvent[] {
  return events.filter(({ event }) => {
    if (event.sequence > (log.sessions.endOf(event.session)?.sequence ?? 0)) return true
    const sealed = log.sessions.hashAt(event.session, event.sequence)
    if (sealed !== undefined && sealed !== eventHash(event, tools.sha256)) {
      const place = { ref, ...placeOf(event) }
      findings.add('chain-forked', place, `\`${ref}\` shows another ${nameOf(event)} than was sealed`)
    }
    return false
  })
}

/**
 * Every event that a claim ref shows is one of its session's chain. True: it is the next one of the chain, which a
 * server leaves behind that was killed between the two refs of a push.
 */
function isOneAhead({ tools, findings }: VerifyRequest, { ref, event }: HeldEvent, log: SealedLog): boolean {
  const { session, sequence } = event
  const place = { ref, ...placeOf(event) }
  const hash = eventHash(event, tools.sha256)
  const known = log.sessions.hashAt(session, sequence)
  const end = log.sessions.endOf(session)
  if (known === hash) return false
  if (sequence === (end?.sequence ?? 0) + 1 && (sequence === 1 || event.previous === end?.hash)) return true
  if (known !== undefined)
    findings.add('chain-forked', place, `\`${ref}\` shows another ${nameOf(event)} than its chain has`)
  else if (log.prunes.through === 0 || sequence > (end?.sequence ?? 0))
    findings.add('claim-without-event', place, `\`${ref}\` shows ${nameOf(event)}, which is on no chain`)
  return false
}

/** `.if-board/state/sealed/` says where each chain was sealed; the notes have it, or a ref still does. */
export function judgeSealedFiles({ facts, findings }: VerifyRequest, log: SealedLog): void {
  for (const { session, sequence, hash } of facts.sealed) {
    const known = log.sessions.hashAt(session, sequence)
    const place = { session, sequence }
    if (known !== undefined && known !== hash)
      findings.add('sealed-differs', place, `the branch has another end of ${session} than the log`)
    else if (known === undefined && (log.sessions.endOf(session)?.sequence ?? 0) < sequence)
      findings.add('event-missing', place, `${session} was sealed up to #${sequence}, which neither note nor ref has`)
  }
  if (log.newest !== undefined && log.newest.sealedTree !== facts.sealedTree)
    findings.notice('fold-unsealed', {}, 'the newest fold has no note yet; the next one seals its events')
}
