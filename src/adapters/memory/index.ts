export { memoryObjectStore } from './object-store.ts'
export { memoryAuthority, memoryRefStore } from './ref-store.ts'
