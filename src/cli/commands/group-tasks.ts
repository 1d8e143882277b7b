/** The hot path: what sessions ask for all day. In the bundle it is part of the file that every start reads. */
export { block } from './block.ts'
export { claim } from './claim.ts'
export { done } from './done.ts'
export { fail } from './fail.ts'
export { next } from './next.ts'
export { note } from './note.ts'
export { release } from './release.ts'
export { renew } from './renew.ts'
