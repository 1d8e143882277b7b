/**
 * `doneWhen: merged`: completions whose commit has reached the base branch, d → d′.
 *
 * Any participant may say it who sees the commit on the base branch, here or at the remote. The event
 * names whose completion it is (`from`) and repeats its evidence; a lost race means that somebody else
 * said the same.
 */
import type { ClaimRecord, ObjectId, SessionName } from '../model/index.ts'
import { say } from './publish.ts'
import { type Reading, read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Promotions in one fold at most, one push each; the rest waits for the next. */
const MAX_PROMOTIONS = 20

/** How many claim refs this moved. A completion without a commit waits for a person. */
export async function promoteMerged(box: Toolbox, first: Reading, speaker: SessionName): Promise<number> {
  const merged = await mergedClaims(box, first)
  let promoted = 0
  let reading = first
  for (const { oid } of merged.slice(0, MAX_PROMOTIONS)) {
    const claim = inReview(reading).find((one) => one.oid === oid)
    if (claim === undefined) continue
    const { outcome } = await say(box, reading, {
      session: speaker,
      type: 'merged',
      subject: claim.key,
      data: mergedData(claim),
      claim: { key: claim.key, old: claim, leaves: 'moved' },
    })
    if (outcome.kind === 'moved') promoted += 1
    reading = await read(box)
  }
  return promoted
}

function inReview({ snapshot }: Reading): ClaimRecord[] {
  return [...snapshot.views.values()].flatMap(({ judgement: { standing } }) =>
    standing.kind === 'review' ? [standing.claim] : [],
  )
}

async function mergedClaims(box: Toolbox, reading: Reading): Promise<ClaimRecord[]> {
  const { baseBranch } = reading.config
  const waiting = inReview(reading).filter((claim) => commitOf(claim) !== undefined)
  if (baseBranch === undefined || waiting.length === 0) return []
  const commits = new Set(waiting.flatMap((claim) => commitOf(claim) ?? []))
  const contained = await box.work.mergedInto(baseBranch, [...commits])
  if (contained === undefined) return []
  return waiting.filter((claim) => contained.has(commitOf(claim) as ObjectId))
}

function commitOf({ event }: ClaimRecord): ObjectId | undefined {
  return event.data.evidence?.commit
}

function mergedData({ event, session, epoch, failures, modeEpoch }: ClaimRecord) {
  const { task, evidence } = event.data
  return {
    ...(task === undefined ? {} : { task }),
    ...(evidence === undefined ? {} : { evidence }),
    epoch,
    failures,
    modeEpoch,
    from: session,
  }
}
