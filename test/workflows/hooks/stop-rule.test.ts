import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, TaskKey } from '../../../src/model/index.ts'
import {
  afterCompletion,
  decide,
  GUARD,
  type HookMemory,
  LAST_STRIKE,
  mayAsk,
  NO_MEMORY,
  type Seen,
  workSince,
} from '../../../src/workflows/hooks/stop-rule.ts'
import { seeded } from '../../support/claims.ts'

const task = 'TASK-BOARD.md:A1' as TaskKey
const grant = oid('a')
const moment = { at: 1_000, head: undefined }

function oid(digit: string): ObjectId {
  return digit.repeat(40) as ObjectId
}

test('a new task is handed over, a task in work goes on, and neither counts as a strike', () => {
  const { decision, memory } = decide(NO_MEMORY, { kind: 'granted', grant, task }, moment)
  assert.equal(decision, { kind: 'hand-over' })
  const next = decide(memory, { kind: 'held', grant, task, work: 'seen' }, moment)
  assert.equal(next.decision, { kind: 'go-on' })
  assert.is(next.memory.strikes, 0)
  assert.is(next.memory.turns, 2)
})

test('the third stop in a row without work gives the task back, and work in between begins the count anew', () => {
  const held = (work: 'seen' | 'none'): Seen => ({ kind: 'held', grant, task, work })
  let { memory } = decide(NO_MEMORY, { kind: 'granted', grant, task }, moment)
  const say = (work: 'seen' | 'none') => {
    const decided = decide(memory, held(work), moment)
    memory = decided.memory
    return decided.decision.kind
  }
  assert.equal(
    [say('none'), say('none'), say('seen'), say('none'), say('none'), say('none')],
    ['remind', 'remind', 'go-on', 'remind', 'remind', 'give-back'],
  )
  assert.is(mayAsk(memory), 'look', 'it rests then')
})

test('a task that the session took by itself since the last stop is work', () => {
  const memory: HookMemory = { ...NO_MEMORY, grant: oid('b'), task, strikes: 2 }
  assert.is(decide(memory, { kind: 'held', grant, task, work: 'none' }, moment).decision.kind, 'go-on')
})

test('nothing ready waits, a finished board and a refusal stop', () => {
  assert.is(decide(NO_MEMORY, { kind: 'nothing', finished: false }, moment).decision.kind, 'wait')
  assert.is(decide(NO_MEMORY, { kind: 'nothing', finished: true }, moment).decision.kind, 'stop')
  assert.is(decide(NO_MEMORY, { kind: 'refused' }, moment).decision.kind, 'stop')
  assert.is(decide(NO_MEMORY, { kind: 'paused', grant, task }, moment).decision.kind, 'stop')
})

test('a commit or the use of a tool after the last answer is work, one before it is none', () => {
  const memory = { ...NO_MEMORY, head: oid('c'), answeredAt: 500 }
  assert.is(workSince(memory, { at: 900, head: oid('c') }, 500), 'none')
  assert.is(workSince(memory, { at: 900, head: oid('c') }, undefined), 'none')
  assert.is(workSince(memory, { at: 900, head: oid('c') }, 501), 'seen')
  assert.is(workSince(memory, { at: 900, head: oid('d') }, undefined), 'seen')
})

const grants = fc.constantFrom(oid('a'), oid('b'), oid('c'))
const seen: fc.Arbitrary<Seen> = fc.oneof(
  fc.record({
    kind: fc.constant('held' as const),
    grant: grants,
    task: fc.constant(task),
    work: fc.constantFrom('seen' as const, 'none' as const),
  }),
  fc.record({ kind: fc.constant('granted' as const), grant: grants, task: fc.constant(task) }),
  fc.record({ kind: fc.constant('paused' as const), grant: grants, task: fc.constant(task) }),
  fc.record({ kind: fc.constant('nothing' as const), finished: fc.boolean() }),
  fc.constant({ kind: 'refused' as const }),
)
const KEEPS_GOING = ['hand-over', 'go-on', 'remind']

test('whatever a session does, it is never kept going more often than the guard allows without a completion', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ seen, completes: fc.boolean() }), { maxLength: 120 }), (stops) => {
      let memory = NO_MEMORY
      let since = 0
      for (const stop of stops) {
        const completed = stop.completes && memory.task !== undefined
        if (completed) {
          memory = afterCompletion(memory)
          since = 0
        }
        const decided = decide(memory, stop.seen, moment)
        memory = decided.memory
        if (KEEPS_GOING.includes(decided.decision.kind)) since += 1
        if (since > GUARD) return false
      }
      return true
    }),
    { ...seeded, numRuns: 500 },
  )
})

test('nothing is claimed for a session that rests or that the guard holds', () => {
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 60 }), (stops) => {
      let memory = NO_MEMORY
      for (const one of stops) {
        const decided = decide(memory, one, moment)
        memory = decided.memory
        if (decided.decision.kind === 'give-back' && mayAsk(memory) === 'claim') return false
        if (decided.decision.kind === 'wait' && mayAsk(memory) !== 'claim') return false
      }
      return true
    }),
    { ...seeded, numRuns: 500 },
  )
})

test('a reminder is given at most twice in a row', () => {
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 60 }), (stops) => {
      let memory = NO_MEMORY
      return stops.every((one) => {
        const { decision, memory: after } = decide(memory, one, moment)
        memory = after
        return decision.kind !== 'remind' || (decision.strike >= 1 && decision.strike < LAST_STRIKE)
      })
    }),
    { ...seeded, numRuns: 500 },
  )
})

test.run()
