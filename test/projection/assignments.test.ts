import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { joinGenerated, splitGenerated } from '../../src/board/generated.ts'
import { parseBoard } from '../../src/board/index.ts'
import { type SessionRecord, toBoardName, toSessionName } from '../../src/model/index.ts'
import { renderAssignments } from '../../src/projection/index.ts'
import { key, parsed, seed } from '../graph/make.ts'
import { claim, doneState, snapshotOf, startMs, states } from './facts.ts'

const board = parsed([
  ['A', { estimateMinutes: 60 }],
  ['B', { needs: ['A'], estimateMinutes: 30 }],
  ['C', { needs: ['B'], estimateMinutes: 60 }],
  ['F1', { filler: true }],
])

test('it says how far the work is, how fast it went, and what is left', async () => {
  const facts = {
    states: states(doneState(key('A'), 'session-2', 0), doneState(key('F1'), 'session-1', 30)),
    claims: [await claim('claim', key('B'), 'session-1', { minute: 31 })],
  }
  const done = { ...board, board: { ...board.board, tasks: board.board.tasks.map(saysDone) } }
  const text = renderAssignments(snapshotOf([done], facts))
  assert.match(text, '- **1 of 3 tasks done**; 1 claimed, 1 blocked')
  assert.match(text, '- Fillers: 1 of 1 done')
  assert.match(text, '- Velocity: 2.0 tasks an hour (2 completions, 2025-11-12 10:57 to 2025-11-12 11:27 UTC)')
  assert.match(text, '- Remaining: 1h 30min by the estimates')
  assert.match(text, '- Critical path: B → C')
  assert.match(text, '| session-1 | working | **B** Title of B | 1 |')
  assert.match(text, '| session-2 | idle | - | 1 |')
})

const saysDone = (task: (typeof board.board.tasks)[number]) =>
  task.id === 'A' || task.id === 'F1' ? { ...task, status: 'done' as const, statusText: 'DONE' } : task

test('offers become next task and alternatives', async () => {
  const snapshot = snapshotOf([board], { claims: [await claim('release', key('A'), 'session-1')] })
  const [a, b, c] = snapshot.project.tasks
  const offers = new Map([[toSessionName('session-1'), [a, b, c].filter((task) => task !== undefined)]])
  assert.match(renderAssignments(snapshot, offers), '| session-1 | idle | - | 0 | **A** Title of A | B, C |')
})

test('two observers that saw different activity write the same bytes', () => {
  const name = toSessionName('session-1')
  const sessions: SessionRecord[] = [{ name, oid: 'a'.repeat(40) as never, last: undefined, beat: undefined }]
  const beaten = [{ ...sessions[0], oid: 'b'.repeat(40) as never, beat: { at: startMs, last: undefined } }]
  const one = renderAssignments(snapshotOf([board], { sessions, active: new Set([name]) }))
  const other = renderAssignments(snapshotOf([board], { sessions: beaten as SessionRecord[], active: new Set() }))
  assert.is(one, other)
})

test('what needs a person is named', async () => {
  const text = renderAssignments(
    snapshotOf([parsed([['A', { status: 'unknown', statusText: 'hm?' }], ['B', { needs: ['nobody'] }], ['C']])], {
      claims: [await claim('fail', key('C'), 'session-1', { failures: 1, reason: 'no *network*' })],
    }),
  )
  assert.match(text, '- the status of A is not understood: hm?')
  assert.match(text, '- B waits for: nobody')
  assert.match(text, '- C failed once, last by session-1: no \\*network\\*')
})

test('the graph shows at most sixty tasks, and says how many it leaves out', () => {
  const many = parsed(
    Array.from({ length: 80 }, (_, at) => [`T${at}`, at > 0 ? { needs: [`T${at - 1}`] } : {}] as const),
  )
  const text = renderAssignments(snapshotOf([many]))
  assert.is(text.match(/^ {2}t\d+\[/gm)?.length, 60)
  assert.match(text, '20 more tasks: `if-board graph`')
})

test('a graph that is dense stays below the number of edges that Mermaid draws', () => {
  const ids = Array.from({ length: 60 }, (_, at) => `T${at}`)
  const dense = parsed(ids.map((id, at) => [id, { needs: ids.slice(0, at) }] as const))
  const edges = renderAssignments(snapshotOf([dense])).match(/-->/g)?.length ?? 0
  assert.ok(edges > 100 && edges <= 400, `${edges} edges`)
})

test('a hostile title stays words: no row, fence, marker, HTML or control character arises from it', () => {
  const hostile = fc.array(
    fc.constantFrom(
      '|',
      '`',
      '```',
      '<b>',
      '-->',
      '<!-- if-board:generated:end -->',
      '\u001b[31m',
      '\n',
      ']',
      '\\',
      'x',
      '"',
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(hostile, (parts) => {
      const title = parts.join('')
      const snapshot = snapshotOf([parsed([['A', { title }]])], { claims: [] })
      const offers = new Map([[toSessionName('s1'), snapshot.project.tasks]])
      const sessions = [{ name: toSessionName('s1'), oid: 'a'.repeat(40) as never, last: undefined, beat: undefined }]
      const text = renderAssignments(snapshotOf([parsed([['A', { title }]])], { sessions }), offers)
      const row = text.split('\n').filter((line) => line.startsWith('| s1 '))
      assert.is(row.length, 1)
      assert.is(row[0]?.replace(/\\./g, '').match(/\|/g)?.length, 7)
      assert.is(text.match(/^```/gm)?.length, 2)
      assert.not.match(text, /<[a-z!]/i)
      assert.not.match(text, '\u001b')
      assert.is(splitGenerated(joinGenerated('# Pins\n', text)).generated, text)
    }),
    seed,
  )
})

test('an empty project gives a page that says so', () => {
  const empty = parseBoard('# Nothing\n', toBoardName('a.md'))
  assert.is(
    renderAssignments(snapshotOf([empty])),
    [
      '## Progress',
      '',
      '- **0 of 0 tasks done**',
      '',
      '## Sessions',
      '',
      'No session has joined yet: `if-board next`',
    ].join('\n'),
  )
})

test.run()
