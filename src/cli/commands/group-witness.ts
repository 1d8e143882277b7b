/** One chunk of the bundle: the log and all that is made of it. Many small ones would cost more to open than to read. */
export { log } from './witness-log.ts'
export { show } from './witness-show.ts'
