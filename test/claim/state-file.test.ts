import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isDefaultState, parseStateShard, renderStateShard } from '../../src/claim/index.ts'
import { IfBoardError, type TaskKey, type TaskState, toObjectId, toSessionName } from '../../src/model/index.ts'
import { oid, seeded, taskState } from '../support/claims.ts'

const FILE = '.if-board/state/3f'
const words = ['available', 'claimed', 'review', 'done', 'blocked', 'paused', 'cancelled'] as const

const oids = fc.stringMatching(/^[0-9a-f]{40}$/).map(toObjectId)
const texts = fc.string({ maxLength: 60, unit: 'binary' })
const maybe = <T>(name: string, values: fc.Arbitrary<T>) =>
  fc.option(values, { nil: undefined }).map((value) => (value === undefined ? {} : { [name]: value }))

const dones = fc
  .tuple(
    fc.record({ by: fc.constantFrom('person', 'session-4', 'constructor'), at: fc.nat() }),
    maybe('name', texts),
    maybe('note', texts),
    maybe('branch', texts),
    maybe('commit', oids),
    maybe('seal', oids),
    maybe(
      'costUsd',
      fc.nat().map((cents) => cents / 100),
    ),
  )
  .map((parts) => Object.assign({}, ...parts))

const states: fc.Arbitrary<TaskState> = fc
  .tuple(
    fc.record({
      key: fc.stringMatching(/^[a-z]{1,5}\.md:[A-Z][0-9./ é-]{0,6}[a-z]$/).map((key) => key as TaskKey),
      shown: fc.constantFrom(...words),
      grants: fc.nat(),
      failures: fc.nat(),
    }),
    maybe('claim', oids),
    maybe('void', oids),
    maybe('said', fc.record({ status: fc.constantFrom(...words), commit: oids }, { noNullPrototype: true })),
    maybe('title', texts),
    maybe('done', dones),
  )
  .map((parts) => Object.assign({}, ...parts))

const shards = fc.uniqueArray(states, { selector: ({ key }) => key, maxLength: 8 })

function codeOf(text: string): unknown {
  try {
    parseStateShard(text, FILE)
    return 'understood'
  } catch (error) {
    return error instanceof IfBoardError ? `${error.code} line ${error.place?.line}` : error
  }
}

test('what a fold wrote is read back as it was, in order of keys', () => {
  fc.assert(
    fc.property(shards, (written) => {
      const read = parseStateShard(renderStateShard(written), FILE)
      assert.equal(
        read,
        [...written].sort((a, b) => (a.key < b.key ? -1 : 1)),
      )
    }),
    seeded,
  )
})

test('equal states are equal texts, in whatever order they come', () => {
  fc.assert(
    fc.property(shards, (written) => renderStateShard(written) === renderStateShard([...written].reverse())),
    seeded,
  )
})

test('one task is one line, so that merges of two branches meet line by line', () => {
  fc.assert(
    fc.property(shards, (written) => renderStateShard(written).split('\n').length === written.length + 1),
    seeded,
  )
})

const good = '{"failures":0,"grants":1,"key":"a.md:T1","shown":"available"}'

test('a line that no fold wrote is an error at its place, never skipped', () => {
  const hostile = [
    '<<<<<<< ours',
    'null',
    '[]',
    '"text"',
    '{}',
    '{"key":"T1","shown":"done","grants":0,"failures":0}',
    '{"key":"../a.md:T1","shown":"done","grants":0,"failures":0}',
    '{"key":"a.md:T\\u001b[31m","shown":"done","grants":0,"failures":0}',
    '{"key":"a.md:","shown":"done","grants":0,"failures":0}',
    '{"key":"a.md:T2","shown":"finished","grants":0,"failures":0}',
    '{"key":"a.md:T2","shown":"unknown","grants":0,"failures":0}',
    '{"key":"a.md:T2","shown":"done","grants":-1,"failures":0}',
    '{"key":"a.md:T2","shown":"done","grants":1.5,"failures":0}',
    '{"key":"a.md:T2","shown":"done","grants":0}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"claim":"HEAD"}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"void":7}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"said":"done"}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"said":{"status":"done"}}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"title":{}}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"done":true}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"done":{"by":"a b","at":1}}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"done":{"by":"session-1","at":"noon"}}',
    '{"key":"a.md:T2","shown":"done","grants":0,"failures":0,"done":{"by":"person","at":1,"note":[]}}',
  ]
  for (const line of hostile) assert.is(codeOf(`${good}\n${line}\n`), 'state/invalid line 2', line)
})

test('two lines of one task are an error: one of them would be forgotten', () => {
  assert.is(codeOf(`${good}\n\n${good}\n`), 'state/invalid line 3')
})

test('fields that are not known are left out, and none of them becomes a prototype', () => {
  const [state] = parseStateShard(
    '{"key":"a.md:T1","shown":"done","grants":0,"failures":0,"__proto__":{"done":{"by":"person","at":1}},"x":1}\n',
    FILE,
  )
  assert.is(state?.done, undefined)
  assert.equal(Object.keys(state ?? {}).sort(), ['failures', 'grants', 'key', 'shown'])
})

test('a text without lines is a shard without tasks', () => {
  assert.equal(parseStateShard('', FILE), [])
  assert.equal(parseStateShard('\n \r\n', FILE), [])
})

test('an entry that says nothing beyond the default needs no line', () => {
  assert.ok(isDefaultState(taskState({ shown: 'available', title: 'only a title' })))
  const telling: TaskState[] = [
    taskState({ shown: 'blocked' }),
    taskState({ shown: 'available', grants: 1 }),
    taskState({ shown: 'available', failures: 1 }),
    taskState({ shown: 'available', void: oid('1') }),
    taskState({ shown: 'available', said: { status: 'available', commit: oid('1') } }),
    taskState({ shown: 'available', done: { by: toSessionName('session-1'), at: 1 } }),
  ]
  for (const state of telling) assert.not.ok(isDefaultState(state), JSON.stringify(state))
})

test.run()
