export { discoverRepository, gitVersion, type Repository } from './discover.ts'
export type { Environment } from './environment.ts'
export { gitCommandCount, REMOTE_TIMEOUT_MS } from './git.ts'
export {
  createHub,
  findOldLocks,
  type Hub,
  type HubBinding,
  hubPath,
  openHub,
  packHub,
  rebindHub,
  removeOldLocks,
} from './hub.ts'
export { localRefStore } from './local-ref-store.ts'
export { gitObjectStore } from './object-store.ts'
export { type ProbeResult, probeRemote } from './probe.ts'
export { type RemoteRefStore, remoteRefStore } from './remote-ref-store.ts'
export { gitWorkRepository } from './work-repository.ts'
