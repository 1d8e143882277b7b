/** One chunk of the bundle: what is typed once. Many small ones would cost more to open than to read. */
export { checkout } from './checkout.ts'
export { completion } from './completion.ts'
export { demo } from './demo.ts'
export { doctor } from './doctor.ts'
export { init } from './init.ts'
export { join } from './join.ts'
export { sync } from './sync.ts'
export { uninstall } from './uninstall.ts'
