/** Who gets a capability: who signs with the key of the claim, once, now, and for what the settings name. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hmacSha256, verifyEd25519 } from '../../../src/adapters/process/hashes.ts'
import type { TaskKey } from '../../../src/model/ids.ts'
import { toObjectId, toSessionName } from '../../../src/model/index.ts'
import type { ProxyAlias } from '../../../src/model/proxy.ts'
import { type Call, Counts, type Gate, type Standing } from '../../../src/proxy/index.ts'
import { openGate } from '../../../src/workflows/proxy/gate.ts'
import { type GrantRequest, grantText, PURPOSE, parseGrantRequest } from '../../../src/workflows/proxy/grant-request.ts'
import type { Owner } from '../../../src/workflows/proxy/log.ts'

const NOW = 1_764_000_000_000
const BOARD_ID = '0123456789abcdef'
const CLAIM = toObjectId('a'.repeat(40))
const SESSION = toSessionName('session-4')
const KEY = 'TASK-BOARD.md:P0.1' as TaskKey
const SEARCH: ProxyAlias = {
  ...{ alias: 'search', url: 'http://search.example/', connect: [], methods: ['GET'], paths: ['/**'], budget: {} },
  ...{ microUsdPerRequest: 0, timeoutSeconds: 10 },
}

const pair = generateKeyPairSync('ed25519')
const publicKey = String(pair.publicKey.export({ format: 'jwk' }).x)
const signed = (text: string, key = pair.privateKey) =>
  JSON.stringify({ text, signature: sign(null, Buffer.from(text), key).toString('base64url') })

let nonce = 0
function request(change: Partial<GrantRequest> = {}): GrantRequest {
  nonce += 1
  return {
    ...{ purpose: PURPOSE, board: BOARD_ID, session: SESSION, task: KEY, claim: CLAIM, alias: 'search', minutes: 5 },
    ...{ at: NOW, nonce: nonce.toString(16).padStart(32, '0'), ...change },
  }
}

interface World {
  readonly gate: Gate
  readonly calls: Call[]
  nowMs: number
  standing: Standing
  isReadable: boolean
}

function world(alias: ProxyAlias = SEARCH, tell: (owner: Owner | undefined) => void = () => undefined): World {
  const calls: Call[] = []
  const state = { nowMs: NOW, standing: { holds: true, refusal: undefined } as Standing, isReadable: true }
  const gate = openGate({
    async world() {
      if (!state.isReadable) throw new Error('no boards')
      return {
        registry: new Map([[alias.alias, alias]]),
        standing: async () => state.standing,
        claimKey: ({ claim, session, task }) =>
          claim === CLAIM && session === SESSION && task === KEY ? publicKey : undefined,
        title: () => '',
      }
    },
    log: {
      add(owner, call) {
        tell(owner)
        calls.push(call)
      },
      flush: async () => undefined,
    },
    ...{ counts: new Counts(), hmac: hmacSha256, key: randomBytes(32), verify: verifyEd25519, boardId: BOARD_ID },
    now: () => state.nowMs,
    hex: (bytes) => randomBytes(bytes).toString('hex'),
  })
  return Object.assign(state, { gate, calls })
}

const grant = async ({ gate }: World, body: string) => {
  const answer = await gate.grant(body)
  return answer.kind === 'granted' ? 'granted' : `${answer.rule}: ${answer.reason}`
}

const get = (parts: readonly string[] = []) =>
  ({ kind: 'request', alias: 'search', method: 'GET', parts, module: undefined }) as const

test('a capability is for the session, task, claim and alias that were signed for, and for as long', async () => {
  const answer = await world().gate.grant(signed(grantText(request({ path: '/tasks', calls: 3 }))))
  assert.is(answer.kind, 'granted')
  const [, text = ''] = (answer.kind === 'granted' ? answer.capability : '').split('.')
  const [id, ...caveats] = Buffer.from(text, 'base64url').toString().split('\n')
  assert.match(id ?? '', /^[0-9a-f]{32}$/)
  assert.equal(caveats, [
    `session ${SESSION}`,
    `task ${KEY}`,
    `claim ${CLAIM}`,
    'alias search',
    'path /tasks',
    'calls 3',
    `expires ${NOW / 1000 + 300}`,
  ])
})

test('another key, claim, session, task or board gets none', async () => {
  const other = generateKeyPairSync('ed25519').privateKey
  assert.match(await grant(world(), signed(grantText(request()), other)), /^claim: the key/)
  for (const change of [
    { claim: toObjectId('b'.repeat(40)) },
    { session: toSessionName('session-5') },
    { task: 'TASK-BOARD.md:P0.2' as TaskKey },
    { board: 'another' },
  ])
    assert.match(await grant(world(), signed(grantText(request(change)))), /^claim: /, JSON.stringify(change))
  const text = grantText(request())
  const { signature } = JSON.parse(signed(text))
  const changed = JSON.stringify({ text: text.replace('"minutes":5', '"minutes":9'), signature })
  assert.match(await grant(world(), changed), /^claim: the key/)
})

test('a request is taken once, and not when it is old or from a clock that goes ahead', async () => {
  const one = world()
  const body = signed(grantText(request()))
  assert.is(await grant(one, body), 'granted')
  assert.match(await grant(one, body), /^request: .* old one$/)
  assert.match(await grant(one, signed(grantText(request({ at: NOW - 60_001 })))), /old one$/)
  assert.match(await grant(one, signed(grantText(request({ at: NOW + 60_001 })))), /old one$/)
})

test('an alias that is not there or names others, a session that may not, and boards that cannot be read, get none', async () => {
  assert.match(await grant(world(), signed(grantText(request({ alias: 'tickets' })))), /^alias: /)
  assert.match(
    await grant(world({ ...SEARCH, sessions: [toSessionName('session-5')] }), signed(grantText(request()))),
    /^session: /,
  )
  const refusing = world()
  refusing.standing = { holds: true, refusal: 'a policy refuses' }
  assert.is(await grant(refusing, signed(grantText(request()))), 'session: a policy refuses')
  const blind = world()
  blind.isReadable = false
  assert.match(await grant(blind, signed(grantText(request()))), /^claim: the boards cannot be read/)
  assert.equal(refusing.calls, [{ alias: 'search', method: 'GRANT', sent: 0, received: 0, rule: 'session' }])
})

test('what is not exactly a request is none', () => {
  const text = grantText(request())
  assert.ok(parseGrantRequest(text))
  for (const strange of [
    ...[`${text} `, text.replace('"minutes":5', '"minutes":0'), text.replace('"minutes":5', '"minutes":1441')],
    ...[
      text.replace('"alias":"search"', '"alias":"a.b"'),
      text.replace(PURPOSE, 'something else'),
      text.replace('"at":', '"extra":1,"at":'),
    ],
    ...[
      grantText(request({ path: '/a/../b' })),
      grantText(request({ methods: [] })),
      grantText(request({ calls: 0.5 })),
      'null',
      '[]',
      '',
    ],
  ])
    assert.is(parseGrantRequest(strange), undefined, strange)
})

test('a pass counts until it is over, once, and is told once', async () => {
  const one = world({ ...SEARCH, budget: { bytes: 10 } })
  const answer = await one.gate.grant(signed(grantText(request())))
  const capability = answer.kind === 'granted' ? answer.capability : ''
  const pass = await one.gate.judge({ capability, asked: get(['tasks']) })
  assert.is(pass.kind, 'pass')
  if (pass.kind !== 'pass') return
  assert.equal([pass.take(7), pass.bytesLeft(), pass.take(7)], [7, 3, 3])
  pass.end({ sent: 4, received: 6, rule: 'budget' })
  pass.end({ sent: 4, received: 6 })
  assert.is(pass.take(1), 0)
  assert.equal(one.calls.slice(1), [
    { alias: 'search', method: 'GET', path: '/tasks', sent: 4, received: 6, rule: 'budget' },
  ])
})

test('what is refused before it is judged belongs to whom the capability names, if it is ours', async () => {
  const owners: unknown[] = []
  const one = world(SEARCH, (owner) => owners.push(owner?.session))
  const answer = await one.gate.grant(signed(grantText(request())))
  const capability = answer.kind === 'granted' ? answer.capability : ''
  one.gate.refused({ alias: '', method: 'GET', rule: 'path', capability })
  one.gate.refused({ alias: '', method: 'GET', rule: 'path', capability: capability.slice(0, -1) })
  one.gate.refused({ alias: '', method: '', rule: 'request' })
  assert.equal(owners.slice(1), [SESSION, undefined, undefined])
  assert.equal(one.calls.at(-1), { alias: '-', method: '-', rule: 'request', sent: 0, received: 0 })
})

test('boards that cannot be read any more stop what was granted', async () => {
  const one = world()
  const answer = await one.gate.grant(signed(grantText(request())))
  const capability = answer.kind === 'granted' ? answer.capability : ''
  assert.is((await one.gate.judge({ capability, asked: get() })).kind, 'pass')
  one.isReadable = false
  assert.equal(await one.gate.judge({ capability, asked: get() }), {
    kind: 'refused',
    rule: 'claim',
    reason: 'the boards cannot be read',
  })
})

test.run()
