export { type MemoryObjects, memoryObjectStore } from './object-store.ts'
export { type MemoryAuthority, memoryAuthority, memoryRefStore } from './ref-store.ts'
