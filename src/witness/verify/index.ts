/**
 * Is the log what was written, and how far can that be proven? Pure: facts in, findings out.
 *
 *     quick   newest checkpoint and its note, what was remembered, claim refs, replace refs
 *     chain   every hash: each note's root, each session's chain to its end, what others saw of it
 *     full    every signature, every time, and the log against state files, branch and claim refs
 *     audit   with what authority: keys against the grants of operators
 *
 * docs/witness.md says for each way of tampering which level finds it, and what nothing finds.
 */
import type { SessionName, SignedEvent } from '../../model/index.ts'
import type { Checkpoint } from '../checkpoint.ts'
import { Authority } from './authority.ts'
import { judgeCarried } from './carried.ts'
import { checkpointOf, type Level, type LogFacts, reaches } from './facts.ts'
import { Findings } from './findings.ts'
import { judgeLedger } from './ledger.ts'
import { judgeNewest } from './newest.ts'
import { NotesWalk, type SealedLog } from './notes.ts'
import { judgeState } from './state.ts'
import type { VerifyRequest, VerifyTools } from './tools.ts'
import { judgeSealedFiles, judgeUnsealed } from './unsealed.ts'
import type { Assurance, Verdict } from './verdict.ts'

export { anchorOf, parseAnchor } from './anchor.ts'
export { bundleLines, readBundle } from './bundle.ts'
export * from './facts.ts'
export type { Finding, FindingCode } from './findings.ts'
export type { VerifyTools } from './tools.ts'
export type { Verdict } from './verdict.ts'
export { verdictJson, verdictWords } from './words.ts'

export async function verifyLog(facts: LogFacts, level: Level, tools: VerifyTools): Promise<Verdict> {
  const findings = new Findings()
  const frame = { facts, level, tools, findings, authority: undefined }
  const authority = reaches(level, 'audit') ? new Authority(frame) : undefined
  const request = { ...frame, authority }
  await judgeNewest(request)
  const log = reaches(level, 'chain') ? await judgeChains(request) : undefined
  if (log !== undefined) authority?.finish(log.sessions)
  const ok = findings.listed.every(({ severity }) => severity !== 'finding')
  return { level, ok, findings: findings.listed, counts: findings.counts, assurance: assuranceOf(facts, log) }
}

async function judgeChains(request: VerifyRequest): Promise<SealedLog> {
  const log = await new NotesWalk(request).walk()
  const unsealed = judgeUnsealed(request, log)
  log.prunes.finish(request.findings)
  judgeSealedFiles(request, log)
  log.sessions.finish((session, sequence) => isPruned(log, session, sequence))
  if (reaches(request.level, 'full')) {
    judgeState(request, { log, unsealed })
    judgeCarried(request, { log, unsealed })
    judgeLedger(request, log)
  }
  return log
}

/** What a prune took away cannot be asked for: it lies before the end of a chain that the log knows. */
function isPruned(log: SealedLog, session: SessionName, sequence: number): boolean {
  return log.prunes.through > 0 && sequence <= (log.sessions.endOf(session)?.sequence ?? 0)
}

function assuranceOf(facts: LogFacts, log: SealedLog | undefined): Assurance {
  const newest = log?.newest ?? newestCheckpoint(facts)
  const covered = (from: 'here' | 'outside') =>
    Math.max(0, ...facts.anchors.filter((anchor) => anchor.from === from).map(({ size }) => size))
  return {
    sessions: facts.sealed.length,
    unsealed: unsealedCount(facts),
    sealed: newest?.frontier.size ?? 0,
    anchoredHere: covered('here'),
    anchoredOutside: covered('outside'),
    folds: newest?.fold ?? 0,
    newest,
  }
}

/** Chains are read one event into the seal, to see that they meet. */
function unsealedCount({ chains, sealed }: LogFacts): number {
  const ends = new Map(sealed.map(({ session, sequence }) => [session, sequence]))
  const isBeyond = ({ session, sequence }: SignedEvent) => sequence > (ends.get(session) ?? 0)
  return chains.reduce((sum, { events }) => sum + events.filter(({ event }) => isBeyond(event)).length, 0)
}

function newestCheckpoint({ notes }: LogFacts): Checkpoint | undefined {
  const [newest] = notes
  return newest === undefined ? undefined : checkpointOf(newest)?.checkpoint
}
