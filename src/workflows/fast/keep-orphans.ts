/**
 * Completions in etcd whose row a person has removed meanwhile: kept in git's claim ref, as git keeps them
 * (ARCHITECTURE.md), so that a row that comes back, here or on another board, finds its task done.
 */
import { claimRef, sessionRef } from '../../claim/index.ts'
import type { ObjectId, RefName, TaskKey } from '../../model/index.ts'
import type { FastDone } from '../../ports/index.ts'
import { encodeEventCommit } from '../../witness/index.ts'
import { writeSealedParents } from '../sealed-parents.ts'
import type { Toolbox } from '../toolbox.ts'
import type { Tails } from './chains.ts'
import type { Followed } from './laid-over.ts'

export interface KeepRequest {
  /** As git shows them. */
  readonly refs: ReadonlyMap<RefName, ObjectId>
  /** Completions of tasks that no board has. */
  readonly orphans: readonly FastDone[]
  readonly followed: Followed
  readonly tails: Tails
}

/** Tasks whose completion git does not have after this: etcd keeps it, and it is asked again. */
export async function keepOrphans(box: Toolbox, request: KeepRequest): Promise<ReadonlySet<TaskKey>> {
  const left = new Set<TaskKey>()
  for (const done of request.orphans) if (!(await isKept(box, request, done))) left.add(done.task)
  return left
}

/** One push for each: there are few, and what is wrong with one holds up no other. */
async function isKept(box: Toolbox, { refs, followed, tails }: KeepRequest, done: FastDone): Promise<boolean> {
  const { task, session, event } = done
  const told = tails.of(event, session)
  // What nobody can read is no completion.
  if (told?.kind !== 'events') return true
  const next = told.last.oid
  const ref = claimRef(box.layout, task, box.sha256)
  if (refs.get(ref) === next) return true
  if (!followed.joined.has(next)) return false
  const { beyond } = followed.chains.get(session) ?? { beyond: [] }
  const tip = beyond.at(-1)
  // Behind what git has of the chain, or sealed since, so that the chain needs nothing.
  const isNew = beyond.some(({ oid }) => oid === next)
  const events = (isNew ? beyond : told.events).map((one) => one.event)
  await box.objects.write(events.map((one) => encodeEventCommit(one, box.emptyTree)))
  await writeSealedParents(box, refs, events)
  const chain = sessionRef(box.layout, session, box.sha256)
  const moves = [{ ref, expected: refs.get(ref), next }]
  if (isNew && tip !== undefined) moves.unshift({ ref: chain, expected: refs.get(chain), next: tip.oid })
  // Whatever stands in its way holds up no fold.
  const outcome = await box.refs.moveAll(moves).catch(() => undefined)
  return outcome?.kind === 'moved'
}
