/** One chunk of the bundle: what changes the board by hand. Many small ones would cost more to open than to read. */
export { add } from './add.ts'
export { edit } from './edit.ts'
export { importCommand } from './import.ts'
export { pause } from './pause.ts'
export { reopen } from './reopen.ts'
export { resume } from './resume.ts'
export { set } from './set.ts'
export { unblock } from './unblock.ts'
