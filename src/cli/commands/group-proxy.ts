/** One chunk of the bundle: the proxy and its capabilities; undici is in another, which `proxy` alone loads. */
export { proxy } from './proxy.ts'
export { grant } from './proxy-grant.ts'
export { narrow } from './proxy-narrow.ts'
