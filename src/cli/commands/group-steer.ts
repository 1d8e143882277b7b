/** One chunk of the bundle: what changes the board by hand. Many small ones would cost more to open than to read. */
export { pause } from './pause.ts'
export { resume } from './resume.ts'
export { unblock } from './unblock.ts'
