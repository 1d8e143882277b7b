/** Days that lie back half a year, a prune of them, and what a verification says of the log. */
import { verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import type { RefName, SessionName } from '../../src/model/index.ts'
import { foldTime } from '../../src/witness/index.ts'
import type { Level, Verdict } from '../../src/witness/verify/index.ts'
import { type PruneOutcome, prune } from '../../src/workflows/witness/prune.ts'
import { verifyWitness } from '../../src/workflows/witness/verify.ts'
import type { Clone } from './fleet.ts'
import type { History } from './history.ts'
import { notesOf } from './witnessed.ts'

export const DAY_MS = 86_400_000
export const PRUNER = 'session-1' as SessionName

/** Take away all folds that are older than so many days. */
export function pruneOlder({ box }: Clone, days: number, author = PRUNER): Promise<PruneOutcome> {
  const before = box.clock.now().wallMs - days * DAY_MS
  return prune(box, { author, before, mode: 'prune', verify: verifyEd25519 })
}

/** Number of the newest fold through which a prune of folds before `at` may go; 0: none. */
export async function foldsBefore(clone: Clone, at: number): Promise<number> {
  const times = (await notesOf(clone)).map(({ checkpoint }) => foldTime(checkpoint.records) ?? 0)
  const first = times.findIndex((time) => time >= at)
  return first < 0 ? times.length : first
}

/** As a clone that has never verified before: nothing is remembered. */
export function verifyAfresh({ clones }: History, level: Level, replaced: readonly RefName[] = []): Promise<Verdict> {
  const { box } = clones[1] as Clone
  const memory = {
    ...box.memory,
    read: async (name: string) => (name === 'witness-seen' ? undefined : box.memory.read(name)),
  }
  return verifyWitness(
    { ...box, memory },
    {
      level,
      anchors: [],
      operators: [],
      replaced: async () => replaced,
      tools: { verify: verifyEd25519, sshCrypto: nodeSshCrypto },
    },
  )
}

/** Codes of the findings, without notices. */
export function codesOf({ findings }: Verdict): string[] {
  return findings.flatMap(({ severity, code }) => (severity === 'finding' ? [code] : []))
}
