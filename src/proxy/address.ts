/**
 * IP addresses: texts to bytes, and which of them may be connected to.
 *
 * What counts is reachability on the whole internet by the registries of IANA, "IPv4 Special-Purpose Address Registry" and
 * "IPv6 Special-Purpose Address Registry" (RFC 6890, RFC 8190). Of IPv6 only global unicast is handed out at all
 * (2000::/3, RFC 4291), so what lies outside is refused without a line of its own.
 */

/** 4 bytes, or 16 of an address that holds no IPv4 address. */
export type Address = Uint8Array

interface Block {
  readonly first: Address
  readonly bits: number
  readonly what: string
}

/** With a path of IPv6 that only names an IPv4 address taken as that one. */
export function parseAddress(text: string): Address | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return bytes && (bytes.length === 16 ? (ipv4Inside(bytes) ?? bytes) : bytes)
}

/** Dotted decimal without leading zeros; other notations are told by `isAddressLike` and are nobody's name. */
function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined
  const numbers = parts.map(Number)
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined
}

/** RFC 4291, section 2.2; no zone: an address that needs one is of this link. */
function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || text.length > 45) return undefined
  const isWhole = halves.length === 1
  const [head, tail] = [groupsOf(halves[0] as string, isWhole), groupsOf(halves[1] ?? '', true)]
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (isWhole ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** Of one side of `::`; the last two groups of the whole may be written as an IPv4 address. */
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    const ipv4 = isEnd && at === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined
    if (ipv4 !== undefined) {
      const [a, b, c, d] = ipv4 as unknown as [number, number, number, number]
      groups.push((a << 8) | b, (c << 8) | d)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** IPv4-mapped (RFC 4291), translated (64:ff9b::/96, RFC 6052) and 6to4 (RFC 3056): where packets end up. */
function ipv4Inside(bytes: Address): Address | undefined {
  if (isWithin(bytes, MAPPED) || isWithin(bytes, TRANSLATED)) return bytes.slice(12)
  return isWithin(bytes, SIX_TO_FOUR) ? bytes.slice(2, 6) : undefined
}

/**
 * Would some program take this host for an address? By the rule of the URL Standard ("ends in a number"), which covers
 * every form of inet_aton(3): `127.1`, `0x7f.1`, `0177.0.0.1`, `2130706433`; and anything with a colon.
 */
export function isAddressLike(host: string): boolean {
  const plain = host.normalize('NFKC').replace(/\.+$/, '')
  if (plain.includes(':') || plain.startsWith('[')) return true
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(plain)
}

/** Why it may not be connected to, such as `loopback`; `undefined`: it is reachable from everywhere. */
export function specialPurpose(address: Address): string | undefined {
  if (address.length === 4) return SPECIAL_IPV4.find((block) => isWithin(address, block))?.what
  const special = SPECIAL_IPV6.find((block) => isWithin(address, block))
  if (special !== undefined) return special.what
  return isWithin(address, GLOBAL_UNICAST) ? undefined : 'no global unicast address'
}

/** Is it in one of these blocks, such as `127.0.0.1` or `10.1.0.0/16`? What cannot be read holds nothing. */
export function isListed(address: Address, blocks: readonly string[]): boolean {
  return blocks.some((text) => {
    const block = parseBlock(text)
    return block !== undefined && isWithin(address, block)
  })
}

/** An address, or one with the length of its prefix; `undefined`: neither, or bits behind the prefix are set. */
export function parseBlock(text: string): Omit<Block, 'what'> | undefined {
  const [written = '', length, ...more] = text.split('/')
  const first = parseAddress(written)
  if (first === undefined || more.length > 0) return undefined
  const most = first.length * 8
  if (length === undefined) return { first, bits: most }
  const bits = Number(length)
  // A prefix of IPv6 says nothing of the IPv4 address that it holds.
  const isMeant = /^\d{1,3}$/.test(length) && bits <= most && (first.length === 16 || !written.includes(':'))
  return isMeant && first.every((byte, at) => (byte & ~maskAt(bits, at) & 0xff) === 0) ? { first, bits } : undefined
}

function isWithin(address: Address, { first, bits }: Omit<Block, 'what'>): boolean {
  if (address.length !== first.length) return false
  return address.every((byte, at) => (byte & maskAt(bits, at)) === first[at])
}

/** The mask for the byte at this place. */
function maskAt(bits: number, at: number): number {
  const here = Math.max(0, Math.min(8, bits - at * 8))
  return (0xff00 >> here) & 0xff
}

/** As people write it, for messages: RFC 5952 without its shortening. */
export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.')
  const groups = Array.from(
    { length: 8 },
    (_, at) => ((address[at * 2] as number) << 8) | (address[at * 2 + 1] as number),
  )
  return groups.map((group) => group.toString(16)).join(':')
}

function block(text: string, what: string): Block {
  const [written = '', length = ''] = text.split('/')
  const first = written.includes(':') ? parseIpv6(written) : parseIpv4(written)
  return { first: first as Address, bits: Number(length), what }
}

const MAPPED = block('::ffff:0:0/96', 'IPv4-mapped')
const TRANSLATED = block('64:ff9b::/96', 'translated')
const SIX_TO_FOUR = block('2002::/16', '6to4')
const GLOBAL_UNICAST = block('2000::/3', 'global unicast')

const SPECIAL_IPV4: readonly Block[] = [
  block('0.0.0.0/8', 'this network (RFC 791)'),
  block('10.0.0.0/8', 'private (RFC 1918)'),
  block('100.64.0.0/10', 'shared by a carrier (RFC 6598)'),
  block('127.0.0.0/8', 'loopback (RFC 1122)'),
  block('168.63.129.16/32', 'metadata of a cloud'),
  block('169.254.0.0/16', 'link-local, metadata of clouds (RFC 3927)'),
  block('172.16.0.0/12', 'private (RFC 1918)'),
  block('192.0.0.0/24', 'protocol assignments (RFC 6890)'),
  block('192.0.2.0/24', 'documentation (RFC 5737)'),
  block('192.88.99.0/24', '6to4 relay (RFC 7526)'),
  block('192.168.0.0/16', 'private (RFC 1918)'),
  block('198.18.0.0/15', 'benchmarks (RFC 2544)'),
  block('198.51.100.0/24', 'documentation (RFC 5737)'),
  block('203.0.113.0/24', 'documentation (RFC 5737)'),
  block('224.0.0.0/4', 'multicast (RFC 5771)'),
  block('240.0.0.0/4', 'reserved, broadcast (RFC 1112, RFC 919)'),
]

/** What lies within global unicast and is not reachable from everywhere. */
const SPECIAL_IPV6: readonly Block[] = [
  block('::/128', 'unspecified (RFC 4291)'),
  block('::1/128', 'loopback (RFC 4291)'),
  block('2001::/23', 'protocol assignments, Teredo among them (RFC 2928)'),
  block('2001:db8::/32', 'documentation (RFC 3849)'),
  block('3fff::/20', 'documentation (RFC 9637)'),
  block('fc00::/7', 'unique-local, metadata of clouds (RFC 4193)'),
  block('fe80::/10', 'link-local (RFC 4291)'),
  block('ff00::/8', 'multicast (RFC 4291)'),
]
