/** Capabilities that are narrowed by whoever holds them: docs/proxy.md. */
export { type Bounds, boundsOf, type Counted, isBelow } from './bounds.ts'
export {
  type Hmac,
  mintCapability,
  narrowCapability,
  verifyCapability,
} from './capability.ts'
export { ALIAS, type Caveat, isPath, METHOD } from './caveats.ts'
