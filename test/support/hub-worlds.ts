/** Hubs of many clones on one authority, for the contract suites. */
import {
  createHub,
  discoverRepository,
  gitObjectStore,
  type Hub,
  localRefStore,
  remoteRefStore,
} from '../../src/adapters/git/index.ts'
import { encodeCommit, type ObjectId, toObjectId } from '../../src/model/index.ts'
import type { ObjectStore, RefStore } from '../../src/ports/index.ts'
import type { RefStoreWorld } from '../ports/ref-store.contract.ts'
import type { Sandbox } from './git-servers.ts'

const EMPTY_TREE = {
  20: toObjectId('4b825dc642cb6eb9a060e54bf8d69288fbee4904'),
  32: toObjectId('6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'),
}

/** A hub with a remote authority in a fresh clone. */
export async function remoteHub(box: Sandbox, name: string, url: string): Promise<Hub> {
  const repository = await discoverRepository(await box.repository(name, url), box.environment)
  return createHub(repository, { boardId: 'b', authority: 'remote', refs: 'custom', remote: { name: 'origin', url } })
}

/** A hub that is the authority itself. */
export async function localHub(box: Sandbox, name: string, ...options: string[]): Promise<Hub> {
  const repository = await discoverRepository(await box.repository(name, undefined, ...options), box.environment)
  return createHub(repository, { boardId: 'b', authority: 'local', refs: 'custom' })
}

/** A commit with an empty tree, the same for the same text. */
export async function writeCommit(store: ObjectStore, text: string, parents: ObjectId[] = []): Promise<ObjectId> {
  const who = { name: 'Test', email: 'test@example.invalid', seconds: 1_700_000_000 }
  const commit = encodeCommit({ tree: EMPTY_TREE[store.oidBytes], parents, ...who, message: `${text}\n` })
  const [, oid] = await store.write([{ type: 'tree', body: new Uint8Array() }, commit])
  return oid as ObjectId
}

/** Six clones of one remote. */
export async function remoteWorld(box: Sandbox, url: string, close: () => Promise<void>): Promise<RefStoreWorld> {
  const hubs: Hub[] = []
  for (let at = 0; at < 6; at += 1) hubs.push(await remoteHub(box, `clone-${at}`, url))
  return worldOf(hubs, remoteRefStore, close)
}

/** Six participants on the hub of one clone. */
export async function localWorld(box: Sandbox, ...options: string[]): Promise<RefStoreWorld> {
  const hub = await localHub(box, 'clone', ...options)
  return worldOf(
    Array.from({ length: 6 }, () => hub),
    localRefStore,
    () => box.remove(),
  )
}

function worldOf(hubs: readonly Hub[], storeOf: (hub: Hub) => RefStore, close: () => Promise<void>): RefStoreWorld {
  const objects = [...new Set(hubs)].map(gitObjectStore)
  const stores = hubs.map((hub) => storeOf(hub))
  return {
    open: async (count) => stores.slice(0, count),
    async commit(text) {
      const [oid] = await Promise.all(objects.map((store) => writeCommit(store, text)))
      return oid as ObjectId
    },
    async close() {
      await Promise.all(objects.map((store) => store.close()))
      await close()
    },
  }
}
