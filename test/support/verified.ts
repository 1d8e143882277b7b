/** What a verification says of a fleet's log. */
import { verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import type { RefName } from '../../src/model/index.ts'
import type { Anchor, Level, Verdict } from '../../src/witness/verify/index.ts'
import { verifyWitness } from '../../src/workflows/witness/verify.ts'
import type { Clone } from './fleet.ts'
import { type History, pinnedAda } from './history.ts'

export interface Seen {
  /** Refs that replace objects, as the reader of the repository would find them. */
  readonly replaced?: readonly RefName[]
  /** Checkpoints that the reader has seen before. */
  readonly anchors?: readonly Anchor[]
}

/** As a clone that has pinned Ada and has never verified before: nothing is remembered. */
export async function verifyAfresh(
  { clones }: Pick<History, 'clones'>,
  level: Level,
  { replaced = [], anchors = [] }: Seen = {},
): Promise<Verdict> {
  const { box } = clones[1] as Clone
  const memory = {
    ...box.memory,
    read: async (name: string) => (name === 'witness-seen' ? undefined : box.memory.read(name)),
  }
  return verifyWitness(
    { ...box, memory },
    {
      level,
      anchors,
      operators: await pinnedAda(),
      replaced: async () => replaced,
      tools: { verify: verifyOnce, sshCrypto: nodeSshCrypto },
    },
  )
}

/** One history serves for many attacks, and what a signature is worth depends on nothing but these three texts. */
const judged = new Map<string, boolean>()
const MOST_JUDGED = 100_000

function verifyOnce(publicKey: string, text: string, signature: string): boolean {
  const question = `${publicKey.length} ${signature.length} ${publicKey}${signature}${text}`
  const known = judged.get(question)
  if (known !== undefined) return known
  const answer = verifyEd25519(publicKey, text, signature)
  if (judged.size >= MOST_JUDGED) judged.clear()
  judged.set(question, answer)
  return answer
}

/** Codes of the findings, without notices. */
export function codesOf({ findings }: Verdict): string[] {
  return findings.flatMap(({ severity, code }) => (severity === 'finding' ? [code] : []))
}
