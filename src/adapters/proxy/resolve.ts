/** From a host to the addresses that are connected to: resolved once, and each of them judged. */
import { lookup } from 'node:dns/promises'
import { formatAddress, isListed, parseAddress, specialPurpose } from '../../proxy/index.ts'

/** All addresses of a name, as the system resolves it. */
export type Resolve = (host: string) => Promise<readonly string[]>

export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

export type Resolved =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly rule: 'address' | 'unreachable'; readonly reason: string }

/** More are not tried. */
const MAX_ADDRESSES = 8

/**
 * @param host  as `URL.hostname` has it: a name, or an address (of IPv6 in brackets)
 * @param listed  addresses that are not public and may be reached for this origin
 */
export async function resolveHost(host: string, listed: readonly string[], resolve: Resolve): Promise<Resolved> {
  const literal = parseAddress(host.replace(/^\[(.*)\]$/, '$1'))
  const texts = literal === undefined ? await resolve(host).catch(() => []) : [formatAddress(literal)]
  if (texts.length === 0) return { kind: 'refused', rule: 'unreachable', reason: 'the name has no address' }
  for (const text of texts) {
    const address = parseAddress(text)
    const special = address === undefined ? 'no address of the internet' : specialPurpose(address)
    // One that may not be reached among others is a trick, or a mistake: neither is connected to.
    if (special !== undefined && !(address !== undefined && isListed(address, listed)))
      return { kind: 'refused', rule: 'address', reason: `the host leads to an address that is ${special}` }
  }
  return { kind: 'addresses', addresses: texts.slice(0, MAX_ADDRESSES) }
}
