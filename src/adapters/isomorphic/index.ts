export { isomorphicObjectStore } from './object-store.ts'
