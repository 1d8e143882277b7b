/** One chunk of the bundle: the log and all that is made of it. Many small ones would cost more to open than to read. */
export { cost } from './witness-cost.ts'
export { exportCommand } from './witness-export.ts'
export { log } from './witness-log.ts'
export { prune } from './witness-prune.ts'
export { show } from './witness-show.ts'
export { trace } from './witness-trace.ts'
export { verify } from './witness-verify.ts'
