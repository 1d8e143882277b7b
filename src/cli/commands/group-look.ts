/** One chunk of the bundle: views, and what needs no repository. Many small ones would cost more to open than to read. */
export { graph } from './graph.ts'
export { lint } from './lint.ts'
export { list } from './list.ts'
export { parse } from './parse.ts'
export { replay } from './replay.ts'
export { show } from './show.ts'
export { status } from './status.ts'
export { why } from './why.ts'
