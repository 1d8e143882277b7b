export { discoverRepository, gitVersion, type Repository } from './discover.ts'
export { gitCommandCount } from './git.ts'
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
export { probeRemote } from './probe.ts'
export { remoteRefStore } from './remote-ref-store.ts'
export { seenRefStore } from './seen-ref-store.ts'
export { gitWorkRepository } from './work-repository.ts'
