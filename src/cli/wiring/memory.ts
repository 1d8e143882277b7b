/** A fleet without a machine: one authority in memory, for a day that is run again in virtual time. */
import { memoryAuthority, memoryObjectStore, memoryRefStore } from '../../adapters/memory/index.ts'
import { mapMemory, seededChance, seededKeyRing } from '../../adapters/memory/local.ts'
import { sha256OfBytes, sha256OfText } from '../../adapters/process/hashes.ts'
import { secretlintMask } from '../../adapters/secretlint/index.ts'
import { refLayout } from '../../claim/index.ts'
import { objectId, type SessionName } from '../../model/index.ts'
import type { Clock, WorkRepository } from '../../ports/index.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'

/** Nobody has a repository on that day: nothing is contained, nothing resolves. */
const NO_WORK: WorkRepository = {
  head: async () => ({ branch: undefined, commit: undefined }),
  containedInHead: async () => new Set(),
  mergedInto: async () => undefined,
  changedPaths: async () => ({ kind: 'unknown', reason: 'there is no repository' }),
  resolveCommit: async () => undefined,
}

/** One authority and one object store for all; memory, chance and keys for each. */
export function fleetInMemory(seed: string): (session: SessionName, clock: Clock) => Toolbox {
  const authority = memoryAuthority()
  const objects = memoryObjectStore()
  const keys = seededKeyRing(seed)
  return (session, clock) => ({
    clock,
    objects,
    keys,
    refs: memoryRefStore(authority),
    memory: mapMemory(),
    chance: seededChance(`${seed}/${session}`),
    work: NO_WORK,
    jobs: 'believed',
    secrets: secretlintMask(),
    // Nothing of that day leaves the process.
    tellMasked: () => undefined,
    layout: refLayout('custom'),
    sha256: sha256OfText,
    sha256Bytes: sha256OfBytes,
    emptyTree: objectId({ type: 'tree', body: new Uint8Array() }, objects.hash),
    boardId: '0'.repeat(32),
    authority: 'local',
    trigger: 'cli',
  })
}
