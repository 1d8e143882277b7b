/** Full: a claim that a switch of who decides carried is still the claim of whose it was. */
import type { ClaimRecord, ObjectId } from '../../model/index.ts'
import { toClaimRecord } from '../event-commit.ts'
import { eventType } from '../event-shape.ts'
import type { Findings } from './findings.ts'
import { nameOf, placeOf } from './places.ts'
import type { Operations } from './state.ts'
import type { VerifyRequest } from './tools.ts'

/** Anybody may carry any claim; what nobody may is to make it another's on the way. */
export function judgeCarried({ findings }: VerifyRequest, { log, unsealed }: Operations): void {
  const find = (oid: ObjectId | undefined) =>
    oid === undefined ? undefined : (log.operations.get(oid)?.event ?? unsealed.get(oid)?.event)
  for (const [oid, { event }] of [...log.operations, ...unsealed]) {
    if (eventType(event) !== 'carried') continue
    const { replaces } = event.data
    const [before, after] = [find(replaces), toClaimRecord(oid, event)]
    // What was pruned, or never on a chain, is found by the rules about chains.
    const claim = before === undefined || replaces === undefined ? undefined : toClaimRecord(replaces, before)
    if (before !== undefined && (claim === undefined || after === undefined || !isSame(claim, after)))
      differs(findings, event)
  }
}

function isSame(before: ClaimRecord, after: ClaimRecord): boolean {
  const isLive = before.kind === 'granted' && after.kind === 'granted'
  const isOfOne = before.key === after.key && before.session === after.session && before.epoch === after.epoch
  return isLive && isOfOne && before.at === after.at
}

function differs(findings: Findings, event: Parameters<typeof nameOf>[0]): void {
  findings.add('carried-differs', placeOf(event), `${nameOf(event)} does not say whose claim it carries, or since when`)
}
