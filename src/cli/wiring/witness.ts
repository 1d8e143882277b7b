/** What verifying is given: signatures by `node:crypto`, the operators pinned here, and a line that says how far it is. */
import { replacedRefs } from '../../adapters/git/replaced-refs.ts'
import { verifyEd25519 } from '../../adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../adapters/process/ssh-crypto.ts'
import type { RefName } from '../../model/index.ts'
import { parseOperators } from '../../witness/keys.ts'
import type { VerifyOptions } from '../../workflows/witness/verify.ts'
import { type Shell, tell } from '../shell.ts'
import type { Opened } from './open.ts'
import { pinsBeside } from './registry.ts'

const TOLD_EVERY_MS = 2_000

export async function verifyTools(
  { hub }: Opened,
  shell: Shell,
): Promise<Pick<VerifyOptions, 'operators' | 'replaced' | 'tools'>> {
  const { operators } = parseOperators(await pinsBeside(hub.path).read())
  return {
    operators,
    replaced: () => replacedRefs(hub),
    tools: { verify: verifyEd25519, sshCrypto: nodeSshCrypto, progress: progressFor(shell) },
  }
}

export function replacedIn({ hub }: Opened): Promise<RefName[]> {
  return replacedRefs(hub)
}

/** Where it takes longer than a moment, somebody wants to know that it goes on. */
function progressFor(shell: Shell): (done: number, total: number) => void {
  let toldAt = performance.now()
  return (done, total) => {
    if (performance.now() - toldAt < TOLD_EVERY_MS) return
    toldAt = performance.now()
    tell(shell, `verified ${done} of ${total} folds`)
  }
}
