/** Capabilities: what can be added, what cannot be taken away, and that no bit may change. */
import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  boundsOf,
  type Caveat,
  type Hmac,
  mintCapability,
  narrowCapability,
  verifyCapability,
} from '../../src/credentials/index.ts'
import { fromBase64Url, toBase64Url } from '../../src/model/base64.ts'
import type { TaskKey } from '../../src/model/ids.ts'
import { toObjectId, toSessionName } from '../../src/model/index.ts'
import type { ProxyAlias } from '../../src/model/proxy.ts'
import { decide } from '../../src/proxy/index.ts'
import { seeded } from '../support/claims.ts'

const hmac: Hmac = (key, bytes) => createHmac('sha256', key).update(bytes).digest()
const KEY = new Uint8Array(32).fill(7)
const ID = '00112233445566778899aabbccddeeff'
const BASE: readonly Caveat[] = [
  { name: 'session', session: toSessionName('session-4') },
  { name: 'task', task: 'TASK-BOARD.md:P0.1' as TaskKey },
  { name: 'claim', claim: toObjectId('a'.repeat(40)) },
  { name: 'alias', alias: 'search' },
  { name: 'expires', seconds: 1_800_000_000 },
]
const mint = (caveats: readonly Caveat[] = BASE) => mintCapability(hmac, KEY, ID, caveats)

/** Caveats that a holder may add. */
const caveats: fc.Arbitrary<Caveat> = fc.oneof(
  fc.constantFrom<Caveat>({ name: 'alias', alias: 'search' }, { name: 'alias', alias: 'tickets' }),
  fc
    .subarray(['GET', 'PUT', 'POST', 'CONNECT'], { minLength: 1 })
    .map((methods): Caveat => ({ name: 'methods', methods })),
  fc.constantFrom('/', '/a', '/a/b', '/ab').map((path): Caveat => ({ name: 'path', path })),
  fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }).map((seconds): Caveat => ({ name: 'expires', seconds })),
  fc.nat(3).map((calls): Caveat => ({ name: 'calls', calls })),
  fc.nat(3).map((bytes): Caveat => ({ name: 'bytes', bytes })),
  fc.constant<Caveat>({ name: 'module', sha256: '0'.repeat(64) }),
  fc.constantFrom('session-4', 'session-5').map((name): Caveat => ({ name: 'session', session: toSessionName(name) })),
)

const ALIAS: ProxyAlias = {
  alias: 'search',
  url: 'http://search.example/',
  connect: ['packages.example:443'],
  methods: ['GET', 'PUT'],
  paths: ['/**'],
  budget: {},
  microUsdPerRequest: 0,
  timeoutSeconds: 10,
}

test('what was made is genuine, with its caveats in their order', () => {
  const verdict = verifyCapability(hmac, KEY, mint())
  assert.equal(verdict, { kind: 'genuine', capability: { id: ID, caveats: BASE } })
})

test('the bytes are those of the documentation', () => {
  const text = `${ID}\nalias search\nmethods GET PUT`
  const first = hmac(KEY, Buffer.from(`if-board capability 1\n${ID}`))
  const signature = hmac(hmac(first, Buffer.from('alias search')), Buffer.from('methods GET PUT'))
  const expected = `ifb1.${Buffer.from(text).toString('base64url')}.${Buffer.from(signature).toString('base64url')}`
  assert.is(
    mint([
      { name: 'alias', alias: 'search' },
      { name: 'methods', methods: ['GET', 'PUT'] },
    ]),
    expected,
  )
})

test('a holder narrows it without the key, and what comes out is as if it had been made so', () => {
  const more: Caveat = { name: 'path', path: '/tasks' }
  assert.is(narrowCapability(hmac, mint(), [more]), mint([...BASE, more]))
})

test('another key, another id, a caveat less or in another order: refused', () => {
  const other = new Uint8Array(32).fill(8)
  assert.is(verifyCapability(hmac, other, mint()).kind, 'refused')
  const signature = mint().split('.')[2] as string
  const forged = (text: string) => `ifb1.${Buffer.from(text).toString('base64url')}.${signature}`
  const text = Buffer.from(mint().split('.')[1] as string, 'base64url').toString()
  const parts = text.split('\n')
  assert.is(verifyCapability(hmac, KEY, forged(text)).kind, 'genuine')
  assert.is(verifyCapability(hmac, KEY, forged(parts.slice(0, -1).join('\n'))).kind, 'refused')
  assert.is(verifyCapability(hmac, KEY, forged([parts[0], ...parts.slice(1).reverse()].join('\n'))).kind, 'refused')
  assert.is(verifyCapability(hmac, KEY, forged(text.replace(ID, ID.replace('0', '1')))).kind, 'refused')
})

test('a caveat that is not understood denies, although it was added rightly', () => {
  const parts = mint().split('.')
  const line = 'weather sunny'
  const text = `${Buffer.from(parts[1] as string, 'base64url').toString()}\n${line}`
  const signature = hmac(fromBase64Url(parts[2] as string), Buffer.from(line))
  const narrower = `ifb1.${toBase64Url(Buffer.from(text))}.${toBase64Url(signature)}`
  assert.equal(verifyCapability(hmac, KEY, narrower), {
    kind: 'refused',
    reason: 'it has a caveat that is not understood',
  })
})

test('a caveat has one spelling', () => {
  const added = (line: string) => {
    const parts = mint().split('.')
    const text = `${Buffer.from(parts[1] as string, 'base64url').toString()}\n${line}`
    const signature = hmac(fromBase64Url(parts[2] as string), Buffer.from(line))
    return verifyCapability(hmac, KEY, `ifb1.${toBase64Url(Buffer.from(text))}.${toBase64Url(signature)}`).kind
  }
  for (const line of ['calls 5', 'methods GET', 'path /a/b', `module ${'f'.repeat(64)}`])
    assert.is(added(line), 'genuine', line)
  const strange = [
    ...['calls 05', 'calls +5', 'calls 5 ', 'calls -1', 'calls 1e3', 'calls', 'calls ', 'calls 9007199254740993'],
    ...['methods get', 'methods GET  PUT', 'methods GET,PUT', 'path a', 'path /a/', 'path /a/../b', 'path //a'],
    ...['alias Search', 'alias a.b', `module ${'F'.repeat(64)}`, ' calls 5', 'CALLS 5', 'claim abc', 'task x'],
  ]
  for (const line of strange) assert.is(added(line), 'refused', line)
})

test('whatever is no capability is refused, at any length', () => {
  const [, text, signature] = mint().split('.')
  const tokens = [
    ...[
      '',
      'ifb1',
      'ifb1.',
      'ifb1..',
      'ifb2.a.b',
      `ifb1.${text}`,
      `ifb1.${text}.${signature}.`,
      `IFB1.${text}.${signature}`,
    ],
    ...[`ifb1.${text}=.${signature}`, `ifb1.${text}.${signature}=`, `ifb1.${text}.${signature}\n`, ` ${mint()}`],
    ...[`ifb1.${'A'.repeat(1_000_000)}.${signature}`, `ifb1.${text}.${'.'.repeat(5000)}`, '\u0000', 'ifb1.é.é'],
  ]
  for (const token of tokens) assert.is(verifyCapability(hmac, KEY, token).kind, 'refused', token.slice(0, 80))
})

test('more caveats than are read are not added', () => {
  const many = Array.from({ length: 28 }, (): Caveat => ({ name: 'calls', calls: 1 }))
  assert.is(narrowCapability(hmac, mint(), many), undefined)
  assert.is(verifyCapability(hmac, KEY, narrowCapability(hmac, mint(), many.slice(1)) as string).kind, 'genuine')
  assert.is(narrowCapability(hmac, 'no capability', []), undefined)
})

test('any bit flipped anywhere is refused', () => {
  fc.assert(
    fc.property(fc.array(caveats, { maxLength: 4 }), fc.nat(), fc.integer({ min: 0, max: 7 }), (more, pick, bit) => {
      const token = mint([...BASE, ...more])
      const bytes = Buffer.from(token)
      bytes[pick % bytes.length] = (bytes[pick % bytes.length] as number) ^ (1 << bit)
      assert.is(verifyCapability(hmac, KEY, bytes.toString('latin1')).kind, 'refused')
    }),
    seeded,
  )
})

test('no attenuation ever widens: what a narrower one may do, the one that it was made from may too', () => {
  const asked = fc.oneof(
    fc.record({
      kind: fc.constant('request' as const),
      alias: fc.constantFrom('search', 'tickets'),
      method: fc.constantFrom('GET', 'PUT', 'POST'),
      parts: fc.constantFrom<readonly string[]>([], ['a'], ['a', 'b'], ['ab']),
      module: fc.constantFrom(undefined, '0'.repeat(64)),
    }),
    fc.constant({ kind: 'tunnel' as const, host: 'packages.example', port: 443 }),
  )
  let allowed = 0
  fc.assert(
    fc.property(
      fc.array(caveats, { maxLength: 2 }),
      fc.array(caveats, { maxLength: 2 }),
      asked,
      fc.integer({ min: 1_690_000_000, max: 1_910_000_000 }),
      fc.nat(3),
      (first, second, request, seconds, used) => {
        const may = (added: readonly Caveat[]) => {
          const verdict = verifyCapability(hmac, KEY, narrowCapability(hmac, mint(), added) as string)
          assert.is(verdict.kind, 'genuine')
          const bounds = verdict.kind === 'genuine' ? boundsOf(verdict.capability) : undefined
          const least = (of: string) =>
            Math.min(...(bounds?.counted ?? []).filter((one) => one.of === of).map(({ most }) => most - used), 99)
          return decide({
            registry: new Map([
              ['search', ALIAS],
              ['tickets', { ...ALIAS, alias: 'tickets' }],
            ]),
            bounds,
            asked: request,
            standing: { holds: true, refusal: undefined },
            left: () => ({
              requests: 9,
              bytes: 9,
              microUsd: 9,
              calls: least('calls'),
              capabilityBytes: least('bytes'),
            }),
            nowMs: seconds * 1000,
          }).kind
        }
        if (may([...first, ...second]) !== 'allow') return
        allowed += 1
        assert.is(may(first), 'allow')
        assert.is(may([]), 'allow')
        // All caveats hold at once, so each holds alone.
        for (const one of [...first, ...second]) assert.is(may([one]), 'allow')
      },
    ),
    { ...seeded, numRuns: 2000 },
  )
  assert.ok(allowed > 50, `${allowed} were allowed`)
})

test.run()
