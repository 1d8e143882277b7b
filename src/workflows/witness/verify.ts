/** `witness verify`: gather, judge, and look again before anything is called wrong. */
import type { RefName } from '../../model/index.ts'
import type { Operator } from '../../witness/keys.ts'
import {
  type Anchor,
  type Finding,
  type Level,
  type Verdict,
  type VerifyTools,
  verifyLog,
} from '../../witness/verify/index.ts'
import { readRewound } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { gatherFacts } from './facts.ts'
import { recallCheckpoint, rememberCheckpoint } from './remembered.ts'

export interface VerifyOptions {
  readonly level: Level
  /** Checkpoints that somebody brought from elsewhere. */
  readonly anchors: readonly Anchor[]
  /** Refs below `refs/replace/` in what is read. */
  readonly replaced: () => Promise<readonly RefName[]>
  /** Whom this clone has pinned. */
  readonly operators: readonly Operator[]
  readonly tools: Pick<VerifyTools, 'verify' | 'sshCrypto' | 'progress'>
}

/**
 * One answer of an authority is no snapshot: a session may speak and a fold may land while refs are listed. So what
 * seems wrong is read once more, and only what is wrong both times is told. A log without a finding is remembered.
 */
export async function verifyWitness(box: Toolbox, options: VerifyOptions): Promise<Verdict> {
  const first = await verifyOnce(box, options)
  const verdict = first.ok ? first : inBoth(first, await verifyOnce(box, options))
  const { newest } = verdict.assurance
  if (verdict.ok && newest !== undefined) await rememberCheckpoint(box, newest)
  return verdict
}

async function verifyOnce(
  box: Toolbox,
  { level, anchors, replaced, operators, tools }: VerifyOptions,
): Promise<Verdict> {
  // Before the refs: a log that is listed later and lacks this checkpoint was rolled back, not just old.
  const known = await recallCheckpoint(box)
  const reading = await readRewound(box)
  const facts = await gatherFacts(box, reading, {
    level,
    anchors: [...(known === undefined ? [] : [known]), ...anchors],
    replaced: await replaced(),
    operators,
  })
  const { sha256, sha256Bytes } = box
  return verifyLog(facts, level, { ...tools, sha256, sha256Bytes, objectHash: box.objects.hash })
}

function inBoth(first: Verdict, second: Verdict): Verdict {
  const before = new Set(first.findings.map(sameness))
  const findings = second.findings.filter((finding) => finding.severity === 'notice' || before.has(sameness(finding)))
  return { ...second, findings, ok: findings.every(({ severity }) => severity === 'notice') }
}

function sameness({ code, place }: Finding): string {
  return JSON.stringify([code, place.fold, place.session, place.sequence, place.ref, place.task])
}
