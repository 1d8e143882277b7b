/** What the proxy decides, without a socket: docs/proxy.md. */
export { formatAddress, isAddressLike, isListed, parseAddress, parseBlock, specialPurpose } from './address.ts'
export { MAX_HELLO_BYTES, readClientHello } from './client-hello.ts'
export { Counts, type DayUse, type Use } from './counts.ts'
export { type Asked, decide, type Judged, type Registry, type Standing } from './decide.ts'
export {
  type Gate,
  GRANT_PATH,
  type GrantAnswer,
  MAX_GRANT_BYTES,
  type Pass,
  type Presented,
  type Refused,
} from './gate.ts'
export { type Fields, PSEUDONYM, pairs, type RequestFields, readFields, returnedFields } from './headers.ts'
export { rewriteLocation, servicePath } from './location.ts'
export { type Call, Tally } from './tally.ts'
export { DOMAIN, readAuthority, readTarget, type Target } from './target.ts'
export { isProxyVariable, proxyVariables } from './variables.ts'
