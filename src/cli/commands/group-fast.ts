/** One chunk of the bundle: what talks to etcd, with gRPC. */
export { probe } from './fast-probe.ts'
export { shadow } from './fast-shadow.ts'
export { status } from './fast-status.ts'
