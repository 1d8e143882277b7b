/** What a verification says of a fleet's log. */
import { verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import type { RefName } from '../../src/model/index.ts'
import type { Level, Verdict } from '../../src/witness/verify/index.ts'
import { verifyWitness } from '../../src/workflows/witness/verify.ts'
import type { Clone } from './fleet.ts'
import type { History } from './history.ts'

/** As a clone that has never verified before: nothing is remembered. */
export function verifyAfresh(
  { clones }: Pick<History, 'clones'>,
  level: Level,
  replaced: readonly RefName[] = [],
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
