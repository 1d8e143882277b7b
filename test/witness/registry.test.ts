/** The registry of keys: what its text may be, and which statements count. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import type { Statement } from '../../src/model/index.ts'
import { currentGrant, parseTime } from '../../src/witness/index.ts'
import {
  isRolledBack,
  judgeKey,
  keysAt,
  memoryOf,
  nextStatement,
  parseOperators,
  parseRegistry,
  parseStatement,
  renderRegistry,
  statementJson,
} from '../../src/witness/keys.ts'
import { type SoftOperator, softOperator } from '../support/ssh.ts'
import { seeded, session2, session4, keys as sessionKeys } from './samples.ts'

const boardId = '0123456789abcdef0123456789abcdef'
const context = { boardId, sha256: sha256OfText }
const [ada, ben, eve] = ['ada', 'ben', 'eve'].map((name) => softOperator(name)) as [
  SoftOperator,
  SoftOperator,
  SoftOperator,
]
const pinned = parseOperators([ada.line, ben.line].join('\n')).operators
const key4 = await sessionKeys.publicKey(session4)
const key2 = await sessionKeys.publicKey(session2)

/** Days of November 2025. */
const day = (number: number) => `2025-11-${String(number).padStart(2, '0')}T00:00:00.000Z`
const ms = (number: number) => parseTime(day(number)) as number

interface Draft {
  readonly by?: SoftOperator
  readonly change?: Partial<Record<string, unknown>>
  /** Signs this instead of the statement. */
  readonly signs?: string
  readonly namespace?: string
}

const granted = (change: Draft['change'] = {}, rest: Omit<Draft, 'change'> = {}): Draft => ({
  change: { kind: 'grant', capabilities: ['rust'], notBefore: day(1), notAfter: day(10), ...change },
  ...rest,
})
const revoked = (change: Draft['change'] = {}, rest: Omit<Draft, 'change'> = {}): Draft => ({
  change: { kind: 'revoke', reason: 'stolen', ...change },
  ...rest,
})

/** The text of a registry with these statements, one after the other; what a draft changes may be nonsense. */
function registryOf(...drafts: readonly Draft[]): string {
  let text = renderRegistry([], context)
  for (const { by = ada, change, signs, namespace = 'if-grant' } of drafts) {
    const { entries } = parseRegistry(text, context)
    const frame = { board: boardId, session: session4, key: key4, by: by.name, at: day(1) }
    const json = statementJson({ ...nextStatement(entries), ...frame, ...change } as unknown as Statement)
    const read = parseStatement(json)
    const statement = read?.board === boardId ? read : undefined
    const entry = { json, statement, signatureText: by.signature(signs ?? json, { namespace }) }
    text = renderRegistry([...entries, entry], context)
  }
  return text
}

const keysOf = (text: string, operators = pinned) => keysAt(parseRegistry(text, context), operators, nodeSshCrypto)
const found = (text: string, operators = pinned) => keysOf(text, operators).findings.map(({ code }) => code)
const verdict = (text: string, sequence: number, time: number, use: { session?: typeof session4; key?: string } = {}) =>
  judgeKey(keysOf(text), { session: session4, key: key4, sequence, time, ...use }).kind

test('a grant counts from its first to its last instant', () => {
  const text = registryOf(granted())
  assert.equal(found(text), [])
  assert.equal(
    [ms(1) - 1, ms(1), ms(10), ms(10) + 1].map((time) => verdict(text, 1, time)),
    ['not-yet', 'granted', 'granted', 'expired'],
  )
})

test('the newest grant that has begun decides: it extends, or shortens from then on', () => {
  const extended = registryOf(granted(), granted({ notBefore: day(5), notAfter: day(20) }, { by: ben }))
  assert.equal(
    [2, 12, 21].map((number) => verdict(extended, 1, ms(number))),
    ['granted', 'granted', 'expired'],
  )
  const shortened = registryOf(granted(), granted({ notBefore: day(5), notAfter: day(6) }))
  assert.equal(
    [4, 6, 8].map((number) => verdict(shortened, 1, ms(number))),
    ['granted', 'granted', 'expired'],
  )
})

test('a revocation counts by the number of events, not by their time, and for ever', () => {
  const lastGood = { sequence: 17, hash: 'a'.repeat(64) }
  const text = registryOf(granted(), revoked({ lastGood }), granted({ notBefore: day(3) }))
  assert.equal(found(text), ['registry/key-revoked'])
  assert.is(verdict(text, 17, ms(4)), 'granted')
  assert.is(verdict(text, 18, ms(2)), 'revoked')
  assert.is(verdict(registryOf(revoked()), 1, ms(2)), 'revoked')
})

test('of several revocations the strictest counts', () => {
  const at = (sequence: number) => revoked({ lastGood: { sequence, hash: 'a'.repeat(64) } })
  for (const order of [
    [at(9), at(5)],
    [at(5), at(9)],
  ]) {
    const text = registryOf(granted(), ...order)
    assert.equal([verdict(text, 5, ms(2)), verdict(text, 6, ms(2))], ['granted', 'revoked'])
  }
})

test('a key belongs to the session that it was granted to first', () => {
  const text = registryOf(granted(), granted({ session: session2 }))
  assert.equal(found(text), ['registry/key-taken'])
  assert.is(verdict(text, 1, ms(2)), 'granted')
  assert.is(verdict(text, 1, ms(2), { session: session2 }), 'other-session')
  assert.is(verdict(text, 1, ms(2), { session: session2, key: key2 }), 'unregistered')
})

test('while nobody is pinned, no statement is believed and every key counts as first seen', () => {
  const text = registryOf(granted(), revoked())
  const judged = keysOf(text, [])
  assert.equal(judged.findings, [])
  assert.is(judged.keys.size, 0)
  assert.is(judgeKey(judged, { session: session4, key: key4, sequence: 9, time: ms(2) }).kind, 'first-seen')
})

test('a statement of somebody who is not pinned is a finding and changes nothing', () => {
  const text = registryOf(granted(), revoked({}, { by: eve }), granted({ key: key2, session: session2 }))
  assert.equal(found(text), ['registry/unpinned-signer'])
  assert.is(verdict(text, 9, ms(2)), 'granted')
  assert.is(verdict(text, 1, ms(2), { session: session2, key: key2 }), 'granted')
})

test('a statement counts only with a signature over its own bytes for the purpose of grants', () => {
  const grants: readonly (readonly [Draft, string])[] = [
    [granted({}, { signs: '{}' }), 'registry/bad-signature'],
    [granted({}, { namespace: 'git' }), 'registry/wrong-namespace'],
    [granted({ board: 'another-board' }), 'registry/other-board'],
    [granted({ version: 3 }), 'registry/broken-chain'],
    [granted({ previous: 'b'.repeat(64) }), 'registry/broken-chain'],
    [granted({ surplus: 1 }), 'registry/bad-statement'],
  ]
  for (const [draft, code] of grants) {
    assert.equal(found(registryOf(draft)), [code])
    assert.is(verdict(registryOf(draft), 1, ms(2)), 'unregistered', code)
  }
})

test('every field of a statement has one spelling and a range', () => {
  const good = JSON.parse(parseRegistry(registryOf(granted()), context).entries[0]?.json ?? '')
  assert.ok(parseStatement(statementJson(good)))
  for (const change of [
    { version: 0 },
    { version: 1.5 },
    { session: '../x' },
    { session: 'a b' },
    { key: `${key4}=` },
    { key: `${key4.slice(0, -1)}B` },
    { by: '' },
    { by: 'ada\nbob' },
    { by: 'a'.repeat(101) },
    { at: '2025-11-01T00:00:00Z' },
    { notAfter: '2025-10-01T00:00:00.000Z' },
    { notBefore: undefined },
    { capabilities: 'rust' },
    { capabilities: [''] },
    { capabilities: Array.from({ length: 65 }, () => 'a') },
    { budgetUsd: -1 },
    { budgetUsd: '50' },
    { kind: 'revoke' },
    { lastGood: { sequence: 1, hash: 'a'.repeat(64) } },
    { previous: 'A'.repeat(64) },
  ])
    assert.is(parseStatement(statementJson({ ...good, ...change })), undefined, JSON.stringify(change))
  const json = statementJson(good)
  for (const other of [
    ` ${json}`,
    `${json} `,
    json.replace(':', ': '),
    json.replace('{', '{"kind":"grant",'),
    `${json}\r`,
  ])
    assert.is(parseStatement(other), undefined, other.slice(0, 30))
})

test('a name with quotes or signs from afar is shown as it is, and widens nothing', () => {
  const by = softOperator('Ada "the key" Łovelace, *')
  const text = registryOf(granted({}, { by }))
  assert.is(text.split('\n').length, 5)
  assert.equal(found(text), ['registry/unpinned-signer'])
})

const three = registryOf(granted(), revoked(), granted({ key: key2, session: session2 }))

test('a line that the statements do not give is found: a key, a comment, a signature, an end of line', () => {
  const lines = three.split('\n')
  const key = lines.find((line) => line.startsWith('session-2')) as string
  const others = [
    `${three}${key.replace('session-2', 'session-9')}\n`,
    three.replace('# revoked by 2: ', ''),
    three.replace('session-2 ', '* '),
    three.replace('# if-board', '# If-board'),
    `${three}# a comment\n`,
    `${three}\n`,
    three.slice(0, -1),
    `\ufeff${three}`,
    three.replace(/\n/g, '\r\n'),
    three.replace('session-2 ', 'session-2\0'),
    lines.filter((line) => line !== key).join('\n'),
    '',
  ]
  for (const [index, text] of others.entries())
    assert.ok(found(text).includes('registry/foreign-line'), `case ${index}`)
})

test('no byte of a registry can be changed, taken out or put in without a finding', () => {
  const bytes = Buffer.from(three)
  const at = fc.nat(bytes.length - 1)
  const spots = fc.record({ at, kind: fc.constantFrom('flip', 'drop', 'insert'), byte: fc.nat(255), bit: fc.nat(7) })
  fc.assert(
    fc.property(spots, ({ at, kind, byte, bit }) => {
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)]
      const old = bytes[at] as number
      const middle = kind === 'flip' ? [old ^ (1 << bit)] : kind === 'drop' ? [] : [byte, old]
      const text = Buffer.concat([before, Buffer.from(middle), after]).toString()
      fc.pre(text !== three)
      assert.ok(found(text).length > 0, JSON.stringify(text.slice(Math.max(0, at - 20), at + 20)))
    }),
    { ...seeded, numRuns: 400 },
  )
})

test('where a statement was taken out, revocations count behind it and grants do not', () => {
  const other = otherKey()
  const text = registryOf(
    granted(),
    revoked(),
    granted({ key: key2, session: session2 }),
    granted({ key: other }),
    revoked({ key: other }),
  )
  const { entries } = parseRegistry(text, context)
  const cut = renderRegistry(
    [entries[0], ...entries.slice(2)].filter((entry) => entry !== undefined),
    context,
  )
  assert.equal(found(cut), ['registry/broken-chain'])
  assert.is(verdict(cut, 1, ms(2), { session: session2, key: key2 }), 'unregistered')
  assert.is(verdict(cut, 1, ms(2), { key: other }), 'revoked')
})

test('of two statements with one version, or swapped ones, no later grant counts', () => {
  const one = parseRegistry(three, context).entries
  const twice = registryOf(granted(), granted({ version: 1, previous: undefined, key: key2, session: session2 }))
  assert.equal(found(twice), ['registry/broken-chain'])
  assert.is(verdict(twice, 1, ms(2), { session: session2, key: key2 }), 'unregistered')
  const swapped = renderRegistry([...one].reverse(), context)
  assert.equal(found(swapped), ['registry/broken-chain'])
  assert.is(keysOf(swapped).newest, undefined)
})

test('a statement of the right version that names another one before it does not follow', () => {
  const text = registryOf(granted(), granted({ previous: 'b'.repeat(64), key: key2, session: session2 }))
  assert.equal(found(text), ['registry/broken-chain'])
  assert.is(verdict(text, 1, ms(2), { session: session2, key: key2 }), 'unregistered')
})

test('a hub that remembers a statement sees that it is gone, changed, or cut off from what was before', () => {
  const registry = parseRegistry(three, context)
  const memory = memoryOf(registry.entries[2] as (typeof registry.entries)[0])
  assert.equal(keysOf(three).newest, memory)
  assert.ok(memory)
  assert.not.ok(isRolledBack(registry, memory))
  assert.not.ok(
    isRolledBack(
      parseRegistry(registryOf(granted(), revoked(), granted({ key: key2, session: session2 }), granted()), context),
      memory,
    ),
  )
  const without = (index: number) => registry.entries.filter((_, at) => at !== index)
  for (const entries of [[], without(0), without(1), without(2)])
    assert.ok(isRolledBack(parseRegistry(renderRegistry(entries, context), context), memory))
  assert.ok(isRolledBack(parseRegistry(registryOf(granted(), revoked(), granted()), context), memory))
  // The revocation exchanged for a grant that was signed once, and thrown away: the rest stands where it stood.
  const [first, , third] = registry.entries
  const [, thrownAway] = parseRegistry(registryOf(granted(), granted()), context).entries
  assert.ok(first && third && thrownAway)
  assert.ok(isRolledBack(parseRegistry(renderRegistry([first, thrownAway, third], context), context), memory))
})

test('a registry that is too large is refused and not read', () => {
  const many = '# statement {}\n'.repeat(10_001)
  assert.equal(
    parseRegistry(many, context).findings.map(({ code }) => code),
    ['registry/too-large'],
  )
  const long = '#'.repeat(1024 * 1024 + 1)
  assert.equal(parseRegistry(long, context).entries, [])
  assert.equal(found(long), ['registry/too-large'])
})

test('the worst texts within the limits are read in linear time', () => {
  const begun = performance.now()
  const fill = (line: string) => line.repeat(Math.floor((1024 * 1024) / line.length))
  for (const line of [
    '\n',
    '#\n',
    '# signature AAAA\n',
    `# statement ${'['.repeat(100)}\n`,
    `# statement {"key":"${key4}"}\n`,
    `"key":"${key4}"`,
  ]) {
    const text = fill(line).split('\n').slice(0, 9_000).join('\n')
    keysOf(text)
    currentGrant(text, { session: session4, key: key4 })
    parseRegistry(fill(line), context)
  }
  assert.ok(performance.now() - begun < 20_000)
})

test('the grant that a session names is the newest of its key, until that is revoked', () => {
  const of4 = { session: session4, key: key4 }
  assert.is(currentGrant('', of4), undefined)
  assert.is(currentGrant(registryOf(granted(), granted(), granted({ key: key2, session: session2 })), of4), 2)
  assert.is(currentGrant(registryOf(granted()), { session: session2, key: key4 }), undefined)
  assert.is(currentGrant(three, of4), undefined)
  assert.is(currentGrant(three, { session: session2, key: key2 }), 3)
  // A reason that speaks of a key is no statement about it.
  const reason = `"key":"${key2}"`
  assert.is(currentGrant(registryOf(granted({ key: key2 }), revoked({ reason })), { session: session4, key: key2 }), 1)
})

function otherKey(): string {
  return Buffer.alloc(32, 4).toString('base64url')
}

test.run()
