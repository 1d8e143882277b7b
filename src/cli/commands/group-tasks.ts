/** One chunk of the bundle: the hot path: what sessions ask for all day. Many small ones would cost more to open than to read. */
export { block } from './block.ts'
export { claim } from './claim.ts'
export { done } from './done.ts'
export { fail } from './fail.ts'
export { next } from './next.ts'
export { note } from './note.ts'
export { release } from './release.ts'
export { renew } from './renew.ts'
