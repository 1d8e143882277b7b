/** Who may ask for what: each rule alone, their order, and what is counted. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boundsOf, type Caveat } from '../../src/credentials/index.ts'
import type { TaskKey } from '../../src/model/ids.ts'
import { toObjectId, toSessionName } from '../../src/model/index.ts'
import type { ProxyAlias } from '../../src/model/proxy.ts'
import { type Asked, Counts, decide, type Judged, Tally, type Use } from '../../src/proxy/index.ts'
import { seeded } from '../support/claims.ts'

const ID = '00112233445566778899aabbccddeeff'
const NOW = 1_764_000_000_000
const DAY = '2025-11-24'
const BASE: readonly Caveat[] = [
  { name: 'session', session: toSessionName('session-4') },
  { name: 'task', task: 'TASK-BOARD.md:P0.1' as TaskKey },
  { name: 'claim', claim: toObjectId('a'.repeat(40)) },
  { name: 'alias', alias: 'search' },
  { name: 'expires', seconds: NOW / 1000 + 60 },
]
const SEARCH: ProxyAlias = {
  alias: 'search',
  url: 'http://search.example/',
  connect: ['packages.example:443'],
  methods: ['GET', 'PUT'],
  paths: ['/tasks/**', '/_health'],
  budget: {},
  microUsdPerRequest: 0,
  timeoutSeconds: 10,
}
const boundsWith = (...more: Caveat[]) => boundsOf({ id: ID, caveats: [...BASE, ...more] })
const get = (path: string, method = 'GET'): Asked => ({
  ...{ kind: 'request', alias: 'search', method, module: undefined },
  parts: path.split('/').filter((part) => part !== ''),
})
const ENDLESS = Number.POSITIVE_INFINITY
const PLENTY = { requests: ENDLESS, bytes: ENDLESS, microUsd: ENDLESS, calls: ENDLESS, capabilityBytes: ENDLESS }

function verdict(change: Partial<Judged> = {}): string {
  const decision = decide({
    registry: new Map([['search', SEARCH]]),
    bounds: boundsWith(),
    asked: get('/tasks/1'),
    standing: { holds: true, refusal: undefined },
    left: () => PLENTY,
    nowMs: NOW,
    ...change,
  })
  return decision.kind === 'allow' ? 'allow' : decision.rule
}
const alias = (change: Partial<ProxyAlias>) => ({ registry: new Map([['search', { ...SEARCH, ...change }]]) })

test('what registry and capability allow is allowed', () => {
  assert.is(verdict(), 'allow')
  assert.is(verdict({ asked: get('/tasks') }), 'allow')
  assert.is(verdict({ asked: get('/_health') }), 'allow')
  assert.is(verdict({ asked: { kind: 'tunnel', host: 'packages.example', port: 443 } }), 'allow')
})

test('each rule refuses by itself', () => {
  assert.is(verdict({ bounds: undefined }), 'capability')
  assert.is(verdict({ nowMs: NOW + 60_000 }), 'capability')
  assert.is(verdict({ nowMs: NOW + 59_999 }), 'allow')
  assert.is(verdict({ standing: { holds: false, refusal: undefined } }), 'claim')
  assert.is(verdict({ standing: { holds: true, refusal: 'it may not' } }), 'session')
  assert.is(verdict(alias({ sessions: [toSessionName('session-5')] })), 'session')
  assert.is(verdict({ registry: new Map() }), 'alias')
  assert.is(verdict({ asked: { ...get('/tasks'), alias: 'tickets' } as Asked }), 'alias')
  assert.is(verdict({ asked: get('/tasks', 'DELETE') }), 'method')
  assert.is(verdict({ asked: get('/others') }), 'path')
  assert.is(verdict({ asked: get('/') }), 'path')
  assert.is(verdict({ left: () => ({ ...PLENTY, requests: 0 }) }), 'budget')
  assert.is(verdict({ left: () => ({ ...PLENTY, bytes: 0 }) }), 'budget')
  assert.is(verdict({ left: () => ({ ...PLENTY, calls: 0 }) }), 'budget')
  assert.is(verdict({ left: () => ({ ...PLENTY, capabilityBytes: 0 }) }), 'budget')
  assert.is(verdict({ ...alias({ microUsdPerRequest: 2 }), left: () => ({ ...PLENTY, microUsd: 1 }) }), 'budget')
})

test('a capability without one of what each must have is none', () => {
  for (const { name } of BASE) {
    const caveats = BASE.filter((caveat) => caveat.name !== name)
    assert.is(verdict({ bounds: boundsOf({ id: ID, caveats }) }), 'capability', name)
  }
})

test('caveats of a holder narrow: methods, path, module, another alias, an earlier end', () => {
  assert.is(verdict({ bounds: boundsWith({ name: 'methods', methods: ['PUT'] }) }), 'method')
  assert.is(
    verdict({ bounds: boundsWith({ name: 'methods', methods: ['GET'] }, { name: 'methods', methods: ['PUT'] }) }),
    'method',
  )
  assert.is(verdict({ bounds: boundsWith({ name: 'path', path: '/tasks/1' }) }), 'allow')
  assert.is(verdict({ bounds: boundsWith({ name: 'path', path: '/tasks/2' }) }), 'path')
  assert.is(verdict({ bounds: boundsWith({ name: 'path', path: '/task' }) }), 'path')
  assert.is(verdict({ bounds: boundsWith({ name: 'alias', alias: 'tickets' }) }), 'capability')
  assert.is(verdict({ bounds: boundsWith({ name: 'expires', seconds: NOW / 1000 }) }), 'capability')
  const bounds = boundsWith({ name: 'module', sha256: '0'.repeat(64) })
  assert.is(verdict({ bounds }), 'module')
  assert.is(verdict({ bounds, asked: { ...get('/tasks'), module: '0'.repeat(64) } as Asked }), 'allow')
})

test('a capability for methods, paths or a module opens no tunnel', () => {
  const asked: Asked = { kind: 'tunnel', host: 'packages.example', port: 443 }
  assert.is(verdict({ asked, bounds: boundsWith({ name: 'path', path: '/' }) }), 'path')
  assert.is(verdict({ asked, bounds: boundsWith({ name: 'methods', methods: ['GET'] }) }), 'method')
  assert.is(verdict({ asked, bounds: boundsWith({ name: 'module', sha256: '0'.repeat(64) }) }), 'module')
  assert.is(verdict({ asked: { ...asked, port: 444 } }), 'alias')
  assert.is(verdict({ asked: { ...asked, host: 'evil.example' } }), 'alias')
})

function use(caveats: readonly Caveat[], change: Partial<ProxyAlias> = {}): Use {
  const bounds = boundsWith(...caveats)
  assert.ok(bounds)
  return { alias: { ...SEARCH, ...change }, id: ID, bounds, day: DAY }
}

function opened(): Counts {
  const counts = new Counts()
  counts.open(ID, NOW + 60_000, NOW)
  return counts
}

test('bytes are granted to the last one and not beyond', () => {
  const counts = opened()
  const one = use([{ name: 'bytes', bytes: 10 }])
  assert.is(counts.take(one, 7), 7)
  assert.is(counts.take(one, 7), 3)
  assert.is(counts.take(one, 1), 0)
})

test('a copy has no count of its own, and a narrower one shares what it was made from', () => {
  const counts = opened()
  const wide = use([{ name: 'calls', calls: 3 }])
  const narrow = use([
    { name: 'calls', calls: 3 },
    { name: 'calls', calls: 1 },
  ])
  counts.begin(narrow)
  assert.is(counts.left(narrow).calls, 0)
  assert.is(counts.left(wide).calls, 2)
  counts.begin(wide)
  counts.begin(
    use([
      { name: 'calls', calls: 3 },
      { name: 'path', path: '/tasks' },
    ]),
  )
  assert.is(counts.left(wide).calls, 0)
})

test('a capability that was not made here has nothing left', () => {
  assert.is(new Counts().left(use([])).calls, 0)
})

test('counts of one capability have an end, and then it has nothing left', () => {
  const counts = opened()
  for (let calls = 1; calls <= 256; calls += 1) counts.begin(use([{ name: 'calls', calls }]))
  assert.is(counts.left(use([{ name: 'calls', calls: 500 }])).calls, 0)
  assert.is(counts.left(use([{ name: 'calls', calls: 200 }])).calls, 199)
})

test('a day’s budget begins anew with the day, and not when a clock is set back', () => {
  const counts = opened()
  const today = use([], { budget: { requests: 1 } })
  counts.begin(today)
  assert.is(counts.left(today).requests, 0)
  assert.is(counts.left({ ...today, day: '2025-11-25' }).requests, 1)
  assert.is(counts.left({ ...today, day: '2025-11-23' }).requests, 0)
  const after = new Counts(counts.days())
  after.open(ID, NOW + 60_000, NOW)
  assert.is(after.left(today).requests, 0)
})

test('whatever is asked in whatever order, no bound is passed', () => {
  const wanted = fc.array(fc.tuple(fc.nat(40), fc.boolean()), { maxLength: 30 })
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), wanted, (bytes, ofDay, steps) => {
      const counts = opened()
      const wide = use([], { budget: { bytes: ofDay } })
      const narrow = use([{ name: 'bytes', bytes }], { budget: { bytes: ofDay } })
      let [all, narrowed] = [0, 0]
      for (const [size, isNarrow] of steps) {
        const granted = counts.take(isNarrow ? narrow : wide, size)
        all += granted
        if (isNarrow) narrowed += granted
      }
      assert.ok(all <= ofDay && narrowed <= bytes)
    }),
    seeded,
  )
})

test('10,000 calls are a row, and rows have an end', () => {
  const tally = new Tally()
  for (let at = 0; at < 10_000; at += 1)
    tally.add({ alias: 'search', method: 'GET', sent: 1, received: 2, path: `/tasks/${at}` })
  tally.add({ alias: 'search', method: 'DELETE', rule: 'method', sent: 0, received: 0, path: '/tasks/1' })
  const paths = ['/tasks/0', '/tasks/1', '/tasks/2', '/tasks/3', '/tasks/4']
  assert.equal(tally.requests({ proxy: 'p' }).uses, [
    { alias: 'search', method: 'GET', verdict: 'allow', calls: 10_000, sent: 10_000, received: 20_000, paths },
    {
      alias: 'search',
      method: 'DELETE',
      verdict: 'refuse',
      rule: 'method',
      calls: 1,
      sent: 0,
      received: 0,
      paths: ['/tasks/1'],
    },
  ])
  for (let at = 0; at < 40; at += 1) tally.add({ alias: `a${at}`, method: 'GET', sent: 0, received: 0 })
  assert.is(tally.requests({ proxy: 'p' }).uses.length, 32)
  assert.is(tally.requests({ proxy: 'p' }).more, 10)
})

test.run()
