/** Quick: the newest checkpoint and what stands beside it. No history is walked further than the facts already were. */

import { toBase64 } from '../../model/base64.ts'
import { type ObjectId, objectId } from '../../model/index.ts'
import { type Checkpoint, renderSignedCheckpoint, type SignedCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import { encodeEventCommit, toClaimRecord, verifyEvent } from '../event-commit.ts'
import { parseNote } from '../note.ts'
import { type Anchor, type ClaimFacts, checkpointOf, checkpointsOf, type LogFacts } from './facts.ts'
import type { Findings } from './findings.ts'
import { nameOf, placeOf } from './places.ts'
import type { VerifyRequest, VerifyTools } from './tools.ts'

export async function judgeNewest(request: VerifyRequest): Promise<void> {
  const { facts, tools, findings } = request
  judgeReplaced(facts, findings)
  judgeAnchors(facts, findings)
  judgeBoard(facts, findings)
  judgeNotesHistory(facts, findings)
  for (const claim of facts.claims) judgeClaim(claim, facts, tools, findings)
  for (const { ref, isReadable } of facts.chains)
    if (!isReadable) findings.add('chain-unreadable', { ref }, `\`${ref}\` leads to no event of its session`)
  await judgeNewestNote(request)
}

async function judgeNewestNote({ facts, tools, findings }: VerifyRequest): Promise<void> {
  const [newest] = facts.notes
  if (newest === undefined) return
  const signed = checkpointOf(newest)
  if (signed === undefined) {
    const message = 'the newest commit of the notes ref carries no checkpoint'
    findings.add('checkpoint-unreadable', { commit: newest.commit }, message)
    return
  }
  const { board, fold } = signed.checkpoint
  const place = { fold, commit: board }
  if (!verifyCheckpoint(signed, tools.verify, tools.sha256Bytes))
    findings.add('checkpoint-forged', place, `the newest checkpoint, of fold ${fold}, has a wrong signature`)
  const text = await facts.note(board)
  if (text === undefined) findings.add('note-missing', place, `the note of the newest fold, ${fold}, is gone`)
  else if (!endsWith(text, signed))
    findings.add('note-changed', place, `the note of the newest fold, ${fold}, is not what the fold wrote`)
}

function endsWith(text: string, signed: SignedCheckpoint): boolean {
  const note = parseNote(text)
  return note !== undefined && renderSignedCheckpoint(note) === renderSignedCheckpoint(signed)
}

function judgeReplaced({ replaced }: LogFacts, findings: Findings): void {
  for (const ref of replaced)
    findings.add(
      'replace-refs',
      { ref },
      `\`${ref}\` makes git show another object than the one written (git-replace(1))`,
    )
}

/** The log must still go through every checkpoint that was seen before. */
function judgeAnchors({ notes, anchors }: LogFacts, findings: Findings): void {
  if (anchors.length === 0) return
  const checkpoints = new Map<number, Checkpoint>()
  for (const signed of checkpointsOf(notes))
    if (signed !== undefined) checkpoints.set(signed.checkpoint.fold, signed.checkpoint)
  for (const anchor of anchors) {
    const where = anchor.from === 'here' ? 'this clone has seen' : 'the checkpoint that was given has'
    const found = checkpoints.get(anchor.fold)
    const place = { fold: anchor.fold }
    if (found === undefined) findings.add('rolled-back', place, `${where} fold ${anchor.fold}, and the log does not`)
    else if (!isAt(found, anchor)) findings.add('rolled-back', place, `${where} another log at fold ${anchor.fold}`)
  }
}

function isAt({ frontier, root }: Checkpoint, anchor: Anchor): boolean {
  return frontier.size === anchor.size && toBase64(root) === anchor.root
}

/** A fold's board commit names the log that it stood on: the notes ref must still contain it. */
function judgeNotesHistory({ board, notes }: LogFacts, findings: Findings): void {
  const known = new Set<ObjectId | 'none'>(['none', ...notes.map(({ commit }) => commit)])
  for (const { commit, notesBefore } of board)
    if (notesBefore !== undefined && !known.has(notesBefore)) {
      const message = `fold \`${commit.slice(0, 12)}\` stood on a log that the notes ref does not contain`
      findings.add('notes-rewound', { commit }, message)
    }
}

/** A note names the board commit that its fold made: the branch must contain the newest one. */
function judgeBoard({ board, notes, isWhole }: LogFacts, findings: Findings): void {
  const commits = new Set(board.map(({ commit }) => commit))
  const sealed = checkpointsOf(notes).flatMap((signed) => signed?.checkpoint ?? [])
  for (const [index, { board: commit, fold }] of (isWhole ? sealed : sealed.slice(0, 1)).entries()) {
    if (commits.has(commit)) continue
    const place = { fold, commit }
    if (index === 0) findings.add('board-rewound', place, `the branch does not contain the newest fold, ${fold}`)
    else findings.notice('board-accepted', place, `fold ${fold} is not on the branch; later folds went on without it`)
  }
}

function judgeClaim({ ref, oid, event }: ClaimFacts, facts: LogFacts, tools: VerifyTools, findings: Findings): void {
  const place = { ref, commit: oid }
  if (event === undefined) {
    findings.add('claim-without-event', place, `\`${ref}\` holds \`${oid.slice(0, 12)}\`, which carries no event`)
    return
  }
  const commit = objectId(encodeEventCommit(event, facts.emptyTree), tools.objectHash)
  const where = { ...place, ...placeOf(event) }
  if (commit !== oid || toClaimRecord(oid, event) === undefined)
    findings.add('claim-without-event', where, `\`${ref}\` does not hold the event that it shows`)
  else if (!verifyEvent(event, tools.verify))
    findings.add('signature-wrong', where, `${nameOf(event)} in \`${ref}\` has a wrong signature`)
}
