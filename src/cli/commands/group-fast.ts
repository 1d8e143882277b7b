/** One chunk of the bundle: what talks to etcd, with gRPC. */
export { down } from './fast-down.ts'
export { probe } from './fast-probe.ts'
export { shadow } from './fast-shadow.ts'
export { status } from './fast-status.ts'
export { up } from './fast-up.ts'
