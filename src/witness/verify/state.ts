/** Full: finished tasks by the state files are the completions of the log. */
import type { ObjectId } from '../../model/index.ts'
import { eventType } from '../event-shape.ts'
import type { DoneFacts } from './facts.ts'
import type { Findings } from './findings.ts'
import { type Operation, type SealedLog, SKEW_MS } from './notes.ts'
import { nameOf, placeOf } from './places.ts'
import type { VerifyRequest } from './tools.ts'

export interface Operations {
  readonly log: SealedLog
  readonly unsealed: ReadonlyMap<ObjectId, Operation>
}

export function judgeState({ facts, findings }: VerifyRequest, { log, unsealed }: Operations): void {
  const held = new Set(facts.claims.map(({ oid }) => oid))
  for (const done of facts.done) {
    const { key, seal } = done
    // A person's `done` is no event: it stands in the seal as an edit.
    if (done.by === 'person') continue
    const operation = seal === undefined ? undefined : (log.operations.get(seal) ?? unsealed.get(seal))
    if (operation !== undefined) judgeFields(done, operation, findings)
    else if (log.prunes.through === 0 || done.at > log.prunes.until + SKEW_MS)
      findings.add('state-differs', { task: key }, `\`${key}\` is done by an event that is nowhere`)
    if (seal === undefined || !unsealed.has(seal) || held.has(seal)) continue
    const message = `the claim of \`${key}\` was swept before its completion was sealed`
    findings.add('swept-unsealed', { task: key, commit: seal }, message)
  }
}

function judgeFields(done: DoneFacts, { event }: Operation, findings: Findings): void {
  const { evidence = {}, from } = event.data
  const by = eventType(event) === 'merged' && from !== undefined ? from : event.session
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['session', done.by, by],
    ['cost', done.costUsd, event.data.cost?.usd],
    ['branch', done.branch, evidence.branch],
    ['commit', done.commit, evidence.commit],
    ['note', done.note, evidence.note],
  ]
  for (const [what, written, signed] of pairs)
    if (written !== signed) {
      const place = { task: done.key, ...placeOf(event) }
      findings.add(
        'state-differs',
        place,
        `\`${done.key}\` has another ${what} in the state files than in ${nameOf(event)}`,
      )
    }
}
