/** docs/events.md must follow the program: types, lines for people, fields, and its example. */
import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { type EventBody, type EventType, parseCommit, type SignedEvent, type TaskKey } from '../../src/model/index.ts'
import {
  CLAIM_KINDS,
  canonicalJson,
  EMPTY_TREES,
  encodeEventCommit,
  parseEvent,
  parseTraceparent,
  traceIdOf,
} from '../../src/witness/index.ts'

const text = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = await text('docs/events.md')
const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

test('the example is an event in the shape that readers accept, in the trace of its task', () => {
  const event = parseEvent(canonicalJson(JSON.parse(example)))
  assert.ok(event)
  const trace = parseTraceparent(event.traceparent ?? '')
  const boardId = event.source.slice('if-board:'.length)
  assert.is(trace?.traceId, traceIdOf(boardId, event.subject as TaskKey, sha256OfText))
  assert.is(trace?.spanId, event.id.slice(0, 16))
})

/** Everything that any line for people may speak of. */
const data = {
  task: { board: 'TASK-BOARD.md', id: 'P0.2.3', title: 'Answer a call' },
  leaseSeconds: 60,
  from: 'session-2',
  modeEpoch: 1,
  inEtcd: true,
  replaces: 'b'.repeat(40),
  heldSince: '2025-11-12T02:30:00.000Z',
  cost: { usd: 1 },
  rule: 'max-tasks',
  reason: 'words',
  breaker: { of: 'session', name: 'session-2', to: 'open', rule: 'consecutive' },
  requests: { proxy: '0'.repeat(16), uses: [] },
  registry: { version: 1, statement: 'a'.repeat(64) },
  mode: { from: 'git', to: 'etcd', epoch: 1 },
  ran: { purpose: 'done', job: 'js:a.js', commit: 'c'.repeat(40), outcome: 'completed', layers: [] },
  executed: {
    ...{ command: 'tests', program: 'npm', words: 'test', sha256: 'b'.repeat(64), outcome: 'completed' },
    ...{ layers: [], ms: 5, outputBytes: 9 },
  },
  pruned: { throughFold: 7, before: '2025-11-12T02:37:14.023Z', events: 9, kept: 'e'.repeat(64) },
}
const ABOUT_NO_TASK: readonly EventType[] = ['joined', 'breaker', 'key-granted', 'key-revoked', 'mode', 'pruned']

function lineOf(type: EventType): string {
  const { subject, traceparent, ...rest } = JSON.parse(example) as SignedEvent
  const { task, ...others } = data
  const epoch = type === 'steal' ? 2 : 1
  const isAboutTask = !ABOUT_NO_TASK.includes(type)
  const body = {
    ...rest,
    ...(isAboutTask ? { subject, traceparent } : {}),
    type: `if-board.${type}`,
    data: { ...others, ...(isAboutTask ? { task } : {}), epoch } as unknown as EventBody['data'],
  } as SignedEvent
  return parseCommit(encodeEventCommit(body, EMPTY_TREES.sha1).body)?.message.split('\n')[0] ?? ''
}

test('every type has a row, with the line that its commits begin with', () => {
  const rows = page.slice(page.indexOf('<!-- types -->'), page.indexOf('## What every event has'))
  for (const type of CLAIM_KINDS.keys()) {
    const row = rows.split('\n').find((line) => line.startsWith(`| \`${type}\` |`))
    assert.is(row?.split('|').at(-2)?.trim(), lineOf(type), type)
  }
  assert.is(rows.split('\n').filter((line) => line.startsWith('| `')).length, CLAIM_KINDS.size)
})

test('every field that an event may have is named', async () => {
  const source = await text('src/model/event.ts')
  for (const name of ['EventBody', 'EventData', 'Cost', 'Run', 'Execution']) {
    const body = new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? ''
    const fields = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field ?? '')
    assert.ok(fields.length > 3, name)
    for (const field of fields)
      assert.ok(
        page.includes(`\`${field}\``) || page.includes(`\`data.${field}\``) || page.includes(`"${field}"`),
        field,
      )
  }
})

test.run()
