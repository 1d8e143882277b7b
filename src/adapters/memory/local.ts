/** Clock, chance, memory and keys without a machine behind them: every run of a test is the same run. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { type EpochMs, invariant, type SessionName } from '../../model/index.ts'
import type { Chance, Clock, KeyRing, LocalMemory } from '../../ports/index.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Let time pass: wall and monotonic clock go on alike, sleepers whose time has come wake in order. */
  advance(ms: number): void
  /** Set the wall clock alone, as a person or a time server does. */
  setWall(wallMs: EpochMs): void
  /** A new boot: the monotonic clock begins again. */
  reboot(): void
}

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

export function fakeClock(startMs: EpochMs = 1_762_939_800_000): FakeClock {
  let wallMs = startMs
  let elapsedMs = 0
  let bootedAtMs = 0
  let boots = 1
  let sleepers: Sleeper[] = []
  return {
    now: () => ({ wallMs, monotonicMs: elapsedMs - bootedAtMs, bootId: `boot-${boots}` }),
    sleep: (ms) =>
      ms <= 0 ? Promise.resolve() : new Promise((wake) => sleepers.push({ until: elapsedMs + ms, wake })),
    advance: (ms) => {
      invariant(ms >= 0, 'time passes forwards')
      wallMs += ms
      elapsedMs += ms
      const due = sleepers.filter(({ until }) => until <= elapsedMs).sort((a, b) => a.until - b.until)
      sleepers = sleepers.filter(({ until }) => until > elapsedMs)
      for (const { wake } of due) wake()
    },
    setWall: (ms) => {
      wallMs = ms
    },
    reboot: () => {
      bootedAtMs = elapsedMs
      boots += 1
    },
  }
}

/** Numbers that look random and come again with the same seed: SHA-256 of the seed and a counter. */
export function seededChance(seed: string | number): Chance {
  let drawn = 0
  const next = (): Buffer => {
    drawn += 1
    return createHash('sha256').update(`${seed}/${drawn}`).digest()
  }
  return {
    hex: (bytes) => {
      let text = ''
      while (text.length < bytes * 2) text += next().toString('hex')
      return text.slice(0, bytes * 2)
    },
    fraction: () => next().readUIntBE(0, 6) / 2 ** 48,
  }
}

export function mapMemory(): LocalMemory {
  const stored = new Map<string, Uint8Array>()
  return {
    read: async (name) => {
      const bytes = stored.get(checked(name))
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
    },
    write: async (name, text) => {
      stored.set(checked(name), Buffer.from(text, 'utf8'))
    },
    remove: async (name) => {
      stored.delete(checked(name))
    },
    // Nothing is awaited between reading and writing, so it is one step for everybody.
    update: async (name, change) => {
      const bytes = stored.get(checked(name))
      const text = change(bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'))
      if (text === undefined) stored.delete(name)
      else stored.set(name, Buffer.from(text, 'utf8'))
    },
    openBytes: async (name) => {
      const bytes = stored.get(checked(name))
      if (bytes === undefined) return undefined
      return {
        size: bytes.length,
        read: async (start, end) => Uint8Array.from(bytes.subarray(start, end)),
        close: async () => undefined,
      }
    },
    writeBytes: async (name, parts) => {
      stored.set(checked(name), Buffer.concat(parts))
    },
  }
}

function checked(name: string): string {
  const parts = name.split('/')
  invariant(
    parts.every((part) => /^[a-z0-9][a-z0-9._-]*$/.test(part)),
    'a name in local memory is made of `[a-z0-9._-]`',
  )
  return name
}

/** What precedes the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Real Ed25519 keys, a function of seed and session name: two rings of one seed hold the same keys. */
export function seededKeyRing(seed: string | number): KeyRing {
  // Made once for each session: to read a key takes longer than to sign with it.
  const keys = new Map<SessionName, { readonly secret: KeyObject; readonly publicKey: string }>()
  const keysOf = (session: SessionName) => {
    const known = keys.get(session)
    if (known !== undefined) return known
    const bytes = createHash('sha256').update(`${seed}/${session}`).digest()
    const secret = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, bytes]), format: 'der', type: 'pkcs8' })
    const made = { secret, publicKey: createPublicKey(secret).export({ format: 'jwk' }).x ?? '' }
    keys.set(session, made)
    return made
  }
  return {
    publicKey: async (session) => keysOf(session).publicKey,
    sign: async (session, text) => sign(null, Buffer.from(text, 'utf8'), keysOf(session).secret).toString('base64url'),
  }
}
