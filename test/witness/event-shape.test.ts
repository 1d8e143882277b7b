/** Fields and types beside claims: what the gate lets through, one by one. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type EventBody, type EventType, parseCommit } from '../../src/model/index.ts'
import { canonicalJson, EMPTY_TREES, encodeEventCommit, parseEvent } from '../../src/witness/index.ts'
import { oid } from '../support/claims.ts'
import { claimBody, signed } from './samples.ts'

const HASH = 'ab'.repeat(16)
const statement = 'c'.repeat(64)

async function isRead(change: Record<string, unknown>): Promise<boolean> {
  const event = await signed({ ...(await claimBody()), ...change } as EventBody)
  return parseEvent(canonicalJson(event)) !== undefined
}

async function dataIsRead(more: Record<string, unknown>): Promise<boolean> {
  const { data } = await claimBody()
  return isRead({ data: { ...data, ...more } })
}

const RAN = { purpose: 'check', job: 'js:a.js', commit: 'd'.repeat(40), outcome: 'fuel', layers: ['fuel'] }

const good: Record<string, readonly unknown[]> = {
  cost: [{}, { usd: 0 }, { usd: 12.5, seconds: 47, model: 'x'.repeat(100), inputTokens: 1, outputTokens: 2 ** 53 - 1 }],
  trigger: ['cli', 'hook', 'mcp', 'watch'],
  score: [0, 0.85, 1],
  verdict: ['allow', 'refuse'],
  rule: ['max-tasks'],
  happened: ['2025-11-12T02:37:14.023Z'],
  dropped: [1],
  saw: [[`session-2 1 ${HASH}`], [`A 2147483648 ${HASH}`, `b 1 ${HASH}`]],
  breaker: [
    { of: 'session', name: 'session-2', to: 'open', rule: 'consecutive' },
    { of: 'session', name: 'session-2', to: 'closed', rule: 'reset', forgiven: '7 TASK-BOARD.md:P0.1' },
    { of: 'task', name: 'TASK-BOARD.md:P0.1', to: 'closed', rule: 'reset', forgivenEpoch: 4 },
  ],
  registry: [{ version: 1, statement }],
  mode: [{ from: 'git', to: 'etcd', epoch: 0 }],
  pruned: [{ throughFold: 1, before: '2025-11-12T02:37:14.023Z', events: 0, kept: statement }],
  ran: [
    { purpose: 'done', job: 'js:a.js', commit: 'd'.repeat(40), outcome: 'completed', layers: [] },
    { purpose: 'run', job: 'cmd:npm', commit: 'd'.repeat(64), outcome: 'exit', status: 4294967295, layers: ['fuel'] },
    { ...RAN, fuel: 1e9, memoryBytes: 0, outputs: [{ path: 'a', sha256: statement }] },
  ],
}

const bad: Record<string, readonly unknown[]> = {
  ran: [
    'js:a.js',
    { ...RAN, purpose: 'other' },
    { ...RAN, outcome: 'passed' },
    { ...RAN, commit: 'HEAD' },
    { ...RAN, sha256: 'A'.repeat(64) },
    { ...RAN, layers: [1] },
    { ...RAN, status: -1 },
    { ...RAN, fuel: 0.5 },
    { ...RAN, memoryBytes: 2 ** 53 },
    { ...RAN, outputs: ['a'] },
    { ...RAN, outputs: [{ path: 'a', sha256: '' }] },
  ],
  cost: [
    1,
    [],
    { usd: -1 },
    { usd: '1' },
    { usd: 2 ** 60 },
    { seconds: -1 },
    { model: 'x'.repeat(101) },
    { inputTokens: 1.5 },
    { outputTokens: 2 ** 53 },
  ],
  trigger: ['', 'CLI', 1],
  score: [-0.1, 1.1, '1'],
  verdict: ['maybe', true],
  rule: [1],
  happened: ['2025-11-12T02:37:14Z', 1],
  dropped: [0, -1, 1.5],
  saw: [
    [],
    `session-2 1 ${HASH}`,
    [1],
    [`session-4 1 ${HASH}`],
    [`b 1 ${HASH}`, `a 1 ${HASH}`],
    [`a 1 ${HASH}`, `a 2 ${HASH}`],
    Array.from({ length: 17 }, (_, at) => `s${String(at).padStart(2, '0')} 1 ${HASH}`),
  ],
  breaker: [
    'open',
    { of: 'board', name: 'session-2', to: 'open', rule: 'consecutive' },
    { of: 'session', name: 7, to: 'open', rule: 'consecutive' },
    { of: 'session', name: 'session-2', to: 'ajar', rule: 'consecutive' },
    { of: 'session', name: 'session-2', to: 'open', rule: 'mood' },
    { of: 'session', name: 'session-2', to: 'closed', rule: 'reset', forgiven: 'x'.repeat(501) },
    { of: 'task', name: 'TASK-BOARD.md:P0.1', to: 'closed', rule: 'reset', forgivenEpoch: 2 ** 32 },
  ],
  registry: [{ version: 0, statement }, { version: 1 }, { version: 1, statement: 'C'.repeat(64) }],
  mode: [
    { from: 'git', to: 'etcd' },
    { from: 'git', to: 'etcd', epoch: -1 },
  ],
  pruned: [
    { throughFold: 0, before: '2025-11-12T02:37:14.023Z', events: 0, kept: statement },
    { throughFold: 1, before: 'then', events: 0, kept: statement },
    { throughFold: 1, before: '2025-11-12T02:37:14.023Z', events: 0 },
    { throughFold: 1, before: '2025-11-12T02:37:14.023Z', events: 0, kept: 'C'.repeat(64) },
  ],
}

for (const field of Object.keys(good))
  test(`${field} is read in its shape alone`, async () => {
    for (const value of good[field] ?? []) assert.ok(await dataIsRead({ [field]: value }), JSON.stringify(value))
    for (const value of bad[field] ?? []) assert.not.ok(await dataIsRead({ [field]: value }), JSON.stringify(value))
  })

test('a carried event says whose claim it is, since when, what was there and to which epoch, in its line too', async () => {
  const task = { board: 'TASK-BOARD.md', id: 'P0.1.2', title: '' }
  const counted = { epoch: 1, failures: 0, leaseSeconds: 60, modeEpoch: 3, replaces: oid('a') }
  const data = { task, ...counted, from: 'session-2', heldSince: '2025-11-12T09:30:00.000Z' }
  const carried = { type: 'if-board.carried', data } as const
  assert.ok(await isRead(carried))
  for (const field of ['modeEpoch', 'replaces', 'from', 'heldSince', 'leaseSeconds', 'task', 'epoch'] as const)
    assert.not.ok(await isRead({ ...carried, data: { ...data, [field]: undefined } }), field)
})

test('an event about a task has a trace, one about none has none', async () => {
  const { subject: _, traceparent: trace, ...body } = await claimBody({ type: 'if-board.joined', data: {} })
  assert.ok(await isRead({ ...(await claimBody()) }))
  assert.not.ok(await isRead({ traceparent: undefined }))
  assert.not.ok(await isRead({ traceparent: `00-${'0'.repeat(32)}-0123456789abcdef-01` }))
  assert.ok(parseEvent(canonicalJson(await signed(body))))
  assert.is(
    parseEvent(canonicalJson(await signed({ ...body, ...(trace === undefined ? {} : { traceparent: trace }) }))),
    undefined,
  )
})

const USE = {
  alias: 'search',
  method: 'GET',
  verdict: 'refuse',
  rule: 'path',
  calls: 1,
  sent: 0,
  received: 0,
  paths: ['/a'],
}

/** What each of these types says nothing without, and its line for people. */
const types: readonly (readonly [EventType, Record<string, unknown>, string])[] = [
  ['key-granted', { registry: { version: 3, statement }, from: 'session-2' }, 'grants the key of session-2'],
  ['key-revoked', { registry: { version: 4, statement }, from: 'session-2' }, 'revokes the key of session-2'],
  ['mode', { mode: { from: 'git', to: 'etcd', epoch: 1 } }, 'changes the mode from git to etcd'],
  [
    'pruned',
    { pruned: { throughFold: 7, before: '2025-11-12T02:37:14.023Z', events: 9, kept: statement } },
    'prunes the log through fold 7',
  ],
  [
    'breaker',
    { breaker: { of: 'session', name: 'session-2', to: 'open', rule: 'consecutive' }, reason: '3 failures in a row' },
    'reports the breaker of session-2 open (consecutive)',
  ],
  ['denied', { rule: 'session-paused', reason: 'session-4 is paused' }, 'was denied'],
  ['requested', { requests: { proxy: '0'.repeat(16), uses: [USE] } }, 'reports requests for no task'],
]

for (const [type, data, line] of types)
  test(`a ${type} event needs ${Object.keys(data).join(' and ')}, and reads: ${line}`, async () => {
    const { subject: _, traceparent: __, ...body } = await claimBody({ type: `if-board.${type}`, data })
    const event = await signed(body)
    assert.equal(parseEvent(canonicalJson(event)), event)
    const commit = parseCommit(encodeEventCommit(event, EMPTY_TREES.sha1).body)
    assert.is(commit?.message.split('\n')[0], `session-4 ${line}`)
    for (const field of Object.keys(data)) {
      const { [field]: ___, ...less } = data
      assert.is(parseEvent(canonicalJson(await signed({ ...body, data: less }))), undefined, `without ${field}`)
    }
  })

test('services that a run asked are rows with counts, and an event without them is what it was', async () => {
  const { data } = await claimBody()
  const ran = { purpose: 'check', job: 'js:a.js', commit: 'c'.repeat(40), outcome: 'completed', layers: [] }
  const row = { alias: 'search', calls: 3, denied: 1, sent: 0, received: 12 }
  const isReadWith = (more: object) =>
    isRead({ type: 'if-board.ran', data: { ...data, ran: { ...ran, ...more } } as never })
  assert.ok(
    (await isReadWith({})) && (await isReadWith({ http: [row, { ...row, alias: '-', unreachable: 1, cut: 2 }] })),
  )
  for (const wrong of [
    row,
    [{ ...row, alias: 'x'.repeat(101) }],
    [{ ...row, calls: 0 }],
    [{ ...row, denied: -1 }],
    [{ ...row, sent: '0' }],
    Array.from({ length: 65 }, () => row),
  ])
    assert.not.ok(await isReadWith({ http: wrong }), JSON.stringify(wrong).slice(0, 100))
})

test('a command that was run is told of the task that it was run for, with all that says how', async () => {
  const executed = {
    ...{ command: 'tests', program: 'npm', words: 'test', sha256: statement, outcome: 'exit', status: 1 },
    ...{ layers: ['process-group'], ms: 12, outputBytes: 3 },
  }
  const { data } = await claimBody()
  const isReadWith = (more: object) => isRead({ type: 'if-board.executed', data: { ...data, executed: more } as never })
  assert.ok(await isReadWith(executed))
  for (const proxy of ['advisory', 'only']) assert.ok(await isReadWith({ ...executed, proxy }))
  for (const wrong of [
    { sha256: 'x' },
    { outcome: 'denied' },
    { layers: 'bwrap' },
    { ms: -1 },
    { outputBytes: 0.5 },
    { words: 1 },
    { proxy: 'none' },
  ])
    assert.not.ok(await isReadWith({ ...executed, ...wrong }), JSON.stringify(wrong))
  const commit = parseCommit(
    encodeEventCommit(
      await signed(await claimBody({ type: 'if-board.executed', data: { ...data, executed } as never })),
      EMPTY_TREES.sha1,
    ).body,
  )
  assert.is(commit?.message.split('\n')[0], 'session-4 executed a command for P0.1.2 (npm: exit)')
})

test('what a proxy did is counted in rows that are few and whole', async () => {
  const { data } = await claimBody()
  const isReadWith = (requests: object) =>
    isRead({ type: 'if-board.requested', data: { ...data, requests } as EventBody['data'] })
  const proxy = '0'.repeat(16)
  assert.ok(
    await isReadWith({
      proxy,
      claim: 'a'.repeat(40),
      uses: [USE, { ...USE, rule: undefined, module: statement }],
      more: 3,
    }),
  )
  const strange = [
    { proxy: 'gate', uses: [] },
    { proxy },
    { proxy, uses: Array.from({ length: 65 }, () => USE) },
    { proxy, uses: [], claim: 'a' },
    { proxy, uses: [], more: 0 },
    ...[
      { verdict: 'maybe' },
      { calls: 0 },
      { module: 'a.js' },
      { sent: -1 },
      { received: 0.5 },
      { alias: 7 },
      { method: 'G'.repeat(41) },
      { paths: [1] },
    ].map((change) => ({ proxy, uses: [{ ...USE, ...change }] })),
  ]
  for (const requests of strange) assert.not.ok(await isReadWith(requests), JSON.stringify(requests).slice(0, 100))
})

test('the breaker of a task is told of that task alone, that of a session of no task', async () => {
  const of = (name: string) => ({ reason: 'words', breaker: { of: 'task', name, to: 'open', rule: 'quarantine' } })
  const { data } = await claimBody()
  const event = await signed(
    await claimBody({
      type: 'if-board.breaker',
      data: { ...data, ...of('TASK-BOARD.md:P0.1.2') } as EventBody['data'],
    }),
  )
  const commit = parseCommit(encodeEventCommit(event, EMPTY_TREES.sha1).body)
  assert.is(commit?.message.split('\n')[0], 'session-4 reports the breaker of P0.1.2 open (quarantine)')
  const isReadOf = (more: object) => isRead({ type: 'if-board.breaker', data: { ...data, ...more } })
  assert.ok(await isReadOf(of('TASK-BOARD.md:P0.1.2')))
  assert.not.ok(await isReadOf(of('TASK-BOARD.md:P0.1.3')))
  const session = { of: 'session', name: 'session-2', to: 'open', rule: 'consecutive' }
  assert.not.ok(await isReadOf({ reason: 'words', breaker: session }))
})

test('a cost is about a task, and says what it is', async () => {
  const { data } = await claimBody()
  const event = await signed(await claimBody({ type: 'if-board.cost', data: { ...data, cost: { usd: 1.25 } } }))
  const commit = parseCommit(encodeEventCommit(event, EMPTY_TREES.sha1).body)
  assert.is(commit?.message.split('\n')[0], 'session-4 reports a cost of P0.1.2')
  assert.not.ok(await isRead({ type: 'if-board.cost' }))
  assert.not.ok(await isRead({ type: 'if-board.cost', data: { cost: { usd: 1.25 } } }))
})

test.run()
