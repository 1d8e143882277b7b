/** What a process may say that a module broke out into, when it may ask for HTTP: only what was granted, in its turn. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CallAnswer } from '../../../src/model/index.ts'
import { bytesOf } from '../../support/wat.ts'
import { answeredWith } from './asking.ts'
import { command, request, textOf } from './attacked.ts'
import { impostor, impostorSays, removeImpostors, SAY } from './impostor.ts'

const walls = suite('a process that asks for HTTP')
walls.after(removeImpostors)

const PAGE: CallAnswer = { kind: 'answered', status: 200, headers: [], body: new Uint8Array(5) }
const CALL = "const call = { method: 'GET', alias: 'search', path: '/', headers: [] }\n"
const REPORT = "{ outcome: { kind: 'completed' }, permission: true, outputs: [] }"

/** Calls `next` for each whole answer; the order was one already. */
const HEAR = `const heard = (next) => {
  let all = Buffer.alloc(0)
  process.stdin.on('data', (piece) => {
    all = Buffer.concat([all, piece])
    for (;;) {
      const head = all.length < 4 ? Infinity : 4 + all.readUInt32LE(0)
      if (all.length < head) return
      const { lengths } = JSON.parse(all.subarray(4, head))
      const whole = lengths.reduce((sum, length) => sum + length, head)
      if (all.length < whole) return
      all = all.subarray(whole)
      next()
    }
  })
}
`

walls('a call in its turn is answered, and the next may follow', async () => {
  const { http, asked } = answeredWith(() => PAGE)
  const says = `${CALL}${HEAR} let left = 1
    heard(() => (left-- > 0 ? say({ http: call }, 'b') : say(${REPORT}, '', '')))
    say({ http: call }, 'a')`
  const report = await impostorSays(says, { http })
  assert.equal([report.outcome, asked.length], [{ kind: 'completed' }, 2])
  assert.equal(report.http, [{ alias: 'search', calls: 2, sent: 2, received: 10 }])
})

const BROKEN = new Map<string, [says: string, reason: RegExp]>([
  [
    'two calls in one piece',
    [
      `const one = process.stdout.write; let all = ''; process.stdout.write = (b) => { all = Buffer.concat([Buffer.from(all), b]) }; say({ http: call }, ''); say({ http: call }, ''); one.call(process.stdout, all)`,
      /an answer that is none/,
    ],
  ],
  [
    'a second call while one is open',
    [
      `say({ http: { ...call, path: '/never' } }, ''); setTimeout(() => say({ http: call }, ''), 200)`,
      /spoke out of turn/,
    ],
  ],
  [
    'its report while a call is open',
    [
      `say({ http: { ...call, path: '/never' } }, ''); setTimeout(() => say(${REPORT}, '', ''), 200)`,
      /spoke out of turn/,
    ],
  ],
  [
    'a byte while a call is open',
    [
      `say({ http: { ...call, path: '/never' } }, ''); setTimeout(() => process.stdout.write('x'), 200)`,
      /spoke out of turn/,
    ],
  ],
  ['a call that is null', ['say({ http: null }, "")', /a call that is none/]],
  ['a call that is a text', ['say({ http: "GET" }, "")', /a call that is none/]],
  ['a call without a body', ['say({ http: call })', /a call that is none/]],
  ['a call with two bodies', ['say({ http: call }, "", "")', /a call that is none/]],
  [
    'a method that is none',
    ['say({ http: { ...call, method: "GET / HTTP/1.1\\r\\nx: y" } }, "")', /a call that is none/],
  ],
  ['a path to another host', ['say({ http: { ...call, path: "http://x/" } }, "")', /a call that is none/]],
  ['a path with a line in it', ['say({ http: { ...call, path: "/\\r\\nx: y" } }, "")', /a call that is none/]],
  ['a list for an alias', ['say({ http: { ...call, alias: ["search"] } }, "")', /a call that is none/]],
  [
    'a capability of its own',
    ['say({ http: { ...call, headers: [["proxy-authorization", "Bearer x"]] } }, "")', /a call that is none/],
  ],
  [
    'a module of its own',
    ['say({ http: { ...call, headers: [["if-board-module", "x"]] } }, "")', /a call that is none/],
  ],
  ['a host of its own', ['say({ http: { ...call, headers: [["host", "x"]] } }, "")', /a call that is none/]],
  [
    'a header with a line in it',
    ['say({ http: { ...call, headers: [["a", "b\\r\\nc: d"]] } }, "")', /a call that is none/],
  ],
  ['headers that are no pairs', ['say({ http: { ...call, headers: [["a"]] } }, "")', /a call that is none/]],
  [
    'a thousand headers',
    ['say({ http: { ...call, headers: Array(1000).fill(["a", "b"]) } }, "")', /a call that is none/],
  ],
  [
    'a prototype',
    [
      'say(\'{"http":{"__proto__":{"method":"GET","alias":"search","path":"/","headers":[]}},"lengths":[0]}\')',
      /a call that is none/,
    ],
  ],
  ['a body that is too large', ['say({ http: call }, "x".repeat(2 ** 20 + 1))', /a call that is none/]],
  [
    'a body without an end',
    [
      'say(JSON.stringify({ http: call, lengths: [2 ** 40] })); const more = () => process.stdout.write(Buffer.alloc(65536, 1), more); more()',
      /an answer that is none/,
    ],
  ],
  [
    'its end instead of an answer',
    ["say({ http: { ...call, path: '/never' } }, ''); setTimeout(() => process.exit(0), 100)", /its process ended/],
  ],
])

for (const [what, [says, reason]] of BROKEN)
  walls(`the run ends, and says why: ${what}`, async () => {
    const open = new AbortController()
    const { http, asked } = answeredWith((call, stop) => {
      if (call.path !== '/never') return PAGE
      stop.addEventListener('abort', () => open.abort())
      return new Promise(() => undefined)
    })
    const { outcome } = await impostorSays(`${CALL} ${says}`, { http, limits: { deadlineMs: 10_000 } })
    assert.is(outcome.kind, 'crashed')
    assert.match(outcome.kind === 'crashed' ? outcome.reason : '', reason)
    assert.ok(asked.length <= 1)
    if (asked[0]?.path === '/never') assert.ok(open.signal.aborted, 'the call is let go')
  })

walls('a call that nobody granted ends the run', async () => {
  const { outcome } = await impostorSays(`${CALL} say({ http: call }, '')`)
  assert.equal(outcome, { kind: 'crashed', reason: 'its process asked for HTTP, which was not granted' })
})

walls('calls without an end are denied, and end with the run', async () => {
  const { http, asked } = answeredWith(() => PAGE)
  const says = `${CALL}${HEAR} const ask = () => say({ http: call }, ''); heard(ask); ask()`
  const report = await impostorSays(says, { http, limits: { deadlineMs: 5_000 } })
  assert.is(report.outcome.kind, 'deadline')
  assert.is(asked.length, 10)
  assert.ok((report.http[0]?.denied ?? 0) > 10)
})

walls('names that nobody granted are one row', async () => {
  const { http } = answeredWith(() => PAGE)
  const says = `${CALL}${HEAR} let at = 0; const next = () => at < 50 ? say({ http: { ...call, alias: 'a' + at++ } }, 'x') : say(${REPORT}, '', '')
    heard(next); next()`
  assert.equal((await impostorSays(says, { http })).http, [{ alias: '-', calls: 50, denied: 50, sent: 0, received: 0 }])
})

walls('inside bubblewrap and outside, all that such a process has is its pipes', async () => {
  const probe = `${SAY}
    const found = { environment: Object.keys(process.env), order: '' }
    process.stdin.once('data', (order) => {
      found.order = order.toString('latin1')
      const peer = require('node:net').connect({ host: '1.1.1.1', port: 80 })
      const tell = (word) => say(${REPORT}, JSON.stringify({ ...found, network: word }), '')
      peer.on('error', ({ code }) => tell(code)).on('connect', () => tell('connected'))
      setTimeout(() => tell('silence'), 3000)
    })`
  const { http } = answeredWith(() => PAGE)
  const secretive = { ...http, egress: { ...http.egress, capability: 'ifb1.never-told' } }
  const report = await impostor(probe, 'probe').run(request(bytesOf(command('')), { http: secretive }))
  const { environment, order, network } = JSON.parse(textOf(report.stdout))
  assert.equal(
    environment.filter((name: string) => name !== 'PWD'),
    [],
  )
  assert.match(order, /"mayAsk":true/)
  assert.not.match(order, /search|never-told/)
  if (report.layers.includes('bwrap')) assert.is(network, 'ENETUNREACH')
  else console.log('skip: bubblewrap does not work here')
})

walls.run()
