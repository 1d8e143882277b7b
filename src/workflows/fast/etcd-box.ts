/** Parts of a toolbox that shows what etcd holds as if it had been pushed. */
import type { GitObject, ObjectId, SignedEvent } from '../../model/index.ts'
import type { LocalMemory, ObjectStore } from '../../ports/index.ts'
import { encodeEventCommit } from '../../witness/index.ts'
import { LEDGER } from '../evidence.ts'
import { LAST_FOLD } from '../fold-memory.ts'
import type { Toolbox } from '../toolbox.ts'

/** Commits that follow from events in etcd can be read like any other. */
export function withEvents(
  { objects, emptyTree }: Toolbox,
  events: ReadonlyMap<ObjectId, SignedEvent>,
  more: ReadonlyMap<ObjectId, GitObject> = new Map(),
): ObjectStore {
  return {
    hash: objects.hash,
    oidBytes: objects.oidBytes,
    write: (written) => objects.write(written),
    close: () => objects.close(),
    async read(oid) {
      const event = events.get(oid)
      return event === undefined ? (more.get(oid) ?? objects.read(oid)) : encodeEventCommit(event, emptyTree)
    },
  }
}

/** When a ref was seen first says nothing here: leases end in etcd. */
export function withoutSights(memory: LocalMemory): LocalMemory {
  return without(memory, LEDGER)
}

/** For a list without some of git's refs: what it lacks was not gone, so nothing is noted of when refs were seen first. */
export function keepingSights(memory: LocalMemory): LocalMemory {
  return { ...without(memory, LEDGER), read: (name) => memory.read(name) }
}

/**
 * For a list that was held against the last fold when it was made: what another process has folded since would make it
 * look like a branch that was rewound. A fold on it then fails on its base.
 */
export function withoutLastFold(memory: LocalMemory): LocalMemory {
  return without(memory, LAST_FOLD)
}

function without(memory: LocalMemory, hidden: string): LocalMemory {
  return {
    read: async (name) => (name === hidden ? undefined : memory.read(name)),
    write: async (name, text) => (name === hidden ? undefined : memory.write(name, text)),
    remove: (name) => memory.remove(name),
    update: async (name, change) => (name === hidden ? undefined : memory.update(name, change)),
    openBytes: (name) => memory.openBytes(name),
    writeBytes: (name, parts) => memory.writeBytes(name, parts),
  }
}
