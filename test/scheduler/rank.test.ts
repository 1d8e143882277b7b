import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { schedule } from '../../src/graph/index.ts'
import { type Project, toSessionName } from '../../src/model/index.ts'
import { type RankRequest, rank, sessionMatches } from '../../src/scheduler/index.ts'
import { ids, key, project } from '../graph/make.ts'

const me = toSessionName('session-4')
const other = toSessionName('session-5')

/** Everything without dependencies is ready; `session-4` asks, `session-5` is active too. */
function ranked(board: Project, changes: Partial<RankRequest> = {}) {
  return rank({
    ready: board.tasks.filter((task) => task.dependencies.length === 0),
    session: me,
    pins: [],
    schedule: schedule(board, () => false),
    isKept: (words) => [me, other].some((session) => sessionMatches(words, session)),
    failedBy: new Map(),
    ...changes,
  })
}

function order(board: Project, changes: Partial<RankRequest> = {}): string {
  return ids(ranked(board, changes).map(({ task }) => task))
}

function why(board: Project, id: string, changes: Partial<RankRequest> = {}): readonly string[] | undefined {
  return ranked(board, changes).find(({ task }) => task.id === id)?.reasons
}

const mixed = project(
  ['low', { priority: 'low' }],
  ['plain'],
  ['plain2'],
  ['medium', { priority: 'medium' }],
  ['long'],
  ['behind', { needs: ['long'], estimateMinutes: 360 }],
  ['high', { priority: 'high' }],
  ['pin2'],
  ['pin1'],
  ['filler', { filler: true }],
)
const pins = ['pin1', 'a.md:pin2', 'pin1', 'nowhere']

test('pins, high priority, longest remaining path, other priorities, board order; no filler beside them', () => {
  assert.is(order(mixed, { pins }), 'pin1 pin2 high long medium plain plain2 low')
})

test('each place in the ranking says why', () => {
  assert.equal(why(mixed, 'pin1', { pins }), ['pinned for you'])
  assert.equal(why(mixed, 'high'), ['high priority'])
  assert.equal(why(mixed, 'long'), ['on the critical path: 6h of work behind it'])
  assert.equal(why(mixed, 'medium'), ['medium priority'])
  assert.equal(why(mixed, 'plain'), ['next in board order'])
})

test('work behind a task is told beside the critical path too', () => {
  const board = project(
    ['A'],
    ['B', { needs: ['A'], estimateMinutes: 90 }],
    ['C'],
    ['D', { needs: ['C'], estimateMinutes: 75 }],
  )
  assert.equal(why(board, 'A'), ['on the critical path: 1h 30min of work behind it'])
  assert.equal(why(board, 'C'), ['1h 15min of work behind it'])
})

const assigned = project(
  ['free', { priority: 'medium' }],
  ['theirs', { assigned: 'Session 5 (CLI)' }],
  ['absent', { owner: 'Session 6' }],
  ['mine', { assigned: 'Session 4 (SIP)', priority: 'low' }],
  ['given', { assigned: 'Session 4 (SIP)', owner: 'session-5' }],
  ['high', { priority: 'high' }],
)

test('what is assigned to another active session is not offered, what is assigned to an absent one is', () => {
  assert.is(order(assigned), 'high mine free absent')
  assert.equal(why(assigned, 'mine'), ['assigned to you'])
  assert.equal(why(assigned, 'absent'), ['meant for Session 6 at first'])
})

test('a pin goes before an assignment to somebody else', () => {
  assert.is(order(assigned, { pins: ['theirs'] }), 'theirs high mine free absent')
})

test('a session is not offered what it was the last to fail at, not even by a pin', () => {
  const failedBy = new Map([[key('mine'), me]])
  assert.is(order(assigned, { failedBy, pins: ['mine'] }), 'high free absent')
})

test('a task that its assigned session failed at is offered to others', () => {
  const failedBy = new Map([[key('theirs'), other]])
  assert.is(order(assigned, { failedBy }), 'high mine free theirs absent')
})

const fillers = project(
  ['F6', { filler: true, assigned: 'Session 6' }],
  ['F0', { filler: true }],
  ['F5', { filler: true, assigned: 'Session 5' }],
  ['F6m', { filler: true, assigned: 'Session 6', priority: 'medium' }],
  ['F4', { filler: true, assigned: 'Session 4', priority: 'low' }],
  ['F4h', { filler: true, assigned: 'Session 4', priority: 'high' }],
)

test('fillers: own section, then priority, then nobody’s, then others’', () => {
  assert.is(order(fillers), 'F4h F4 F6m F0 F6')
  assert.equal(why(fillers, 'F0'), ['filler: nothing else is ready'])
})

test('fillers are offered where all other ready work is not for this session', () => {
  const board = project(['A', { owner: 'session-5' }], ['F1', { filler: true }])
  assert.is(order(board), 'F1')
  assert.is(order(board, { isKept: () => false }), 'A')
})

test('a pinned filler goes before all', () => {
  assert.is(order(project(['A', { priority: 'high' }], ['F1', { filler: true }]), { pins: ['F1'] }), 'F1 A')
})

test('capability fit decides between tasks that are equal otherwise', () => {
  const capabilityFit = (task: { readonly id: string }) => (task.id === 'plain2' ? 1 : 0.5)
  assert.match(order(mixed, { capabilityFit }), 'medium plain2 plain pin2')
})

test('names that are members of objects are ids like any other', () => {
  assert.is(order(project(['constructor'], ['__proto__']), { pins: ['__proto__'] }), '__proto__ constructor')
})

test('escape sequences in owner words are not passed on', () => {
  const board = project(['A', { owner: 'eve\u001b[2J' }])
  assert.equal(why(board, 'A'), ['on the critical path', 'meant for eve?[2J at first'])
})

test('where nothing is ready nothing is ranked', () => {
  assert.equal(ranked(mixed, { ready: [] }), [])
})

test.run()
