import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drawAscii, linkBoards, toDot, toMermaid } from '../../src/graph/index.ts'
import type { TaskKey, TaskStatus } from '../../src/model/index.ts'
import { among, key, parsed, project } from './make.ts'

const plan = project(
  ['P0.1', { title: 'Event bus' }],
  ['P0.2', { title: 'Claims', needs: ['P0.1'] }],
  ['P0.10', { title: 'Tests', needs: ['P0.1', 'P0.2', 'Q9'] }],
)

function statusOf(asked: TaskKey): TaskStatus {
  if (among('P0.1')(asked)) return 'done'
  return among('P0.2')(asked) ? 'claimed' : 'blocked'
}

const ready = (): TaskStatus => 'ready'

test('a terminal shows steps, marks and what each task comes after', () => {
  assert.is(
    drawAscii(plan, statusOf),
    [
      'step 1',
      '  [x] P0.1  Event bus',
      'step 2',
      '  [>] P0.2  Claims  (after P0.1)',
      'step 3',
      '  [-] P0.10  Tests  (after P0.1, P0.2, "Q9")',
      '[x] done  [>] claimed  [-] blocked',
      '',
    ].join('\n'),
  )
})

test('tasks on a cycle are shown last, under their own heading', () => {
  const tangled = project(['A', { needs: ['B'] }], ['B', { needs: ['A'] }], ['C'])
  assert.match(drawAscii(tangled, ready), /^step 1\n {2}\[ \] C .*\non a cycle, or behind one\n {2}\[ \] A /)
})

test('an id that several boards have is shown with its board', () => {
  const linked = linkBoards([parsed([['1'], ['2']]), parsed([['1']], 'b.md')])
  const drawn = drawAscii(linked, ready)
  assert.match(drawn, /\[ \] b\.md:1 /)
  assert.match(drawn, /\[ \] 2 /)
})

test('mermaid gets numbered nodes, labels, edges and one class per status in use', () => {
  assert.is(
    toMermaid(plan, statusOf),
    [
      'flowchart LR',
      '  t0["P0.1 Event bus"]:::done',
      '  t1["P0.2 Claims"]:::claimed',
      '  t2["P0.10 Tests"]:::blocked',
      '  t0 --> t1',
      '  t0 --> t2',
      '  t1 --> t2',
      '  classDef done fill:#b7e1c0,color:#1b1b1b',
      '  classDef claimed fill:#ffe08a,color:#1b1b1b',
      '  classDef blocked fill:#d8d8d8,color:#1b1b1b',
      '',
    ].join('\n'),
  )
})

test('a hostile title stays inside its mermaid label', () => {
  const title = '"] --> x %%{init: {"theme":"a"}}%% `b` <img src=x onerror=y> #quot; ```\n\u001b[2J'
  const drawn = toMermaid(project(['A', { title }]), ready)
  assert.is(drawn.split('\n').length, 4)
  const label = /\["([^\n]*)"\]:::ready/.exec(drawn)?.[1] ?? ''
  assert.match(label, /^A #34;#93; --#62; x #37;#37;#123;init/)
  assert.not.match(label.replace(/#\d+;/g, ''), /["%{}<>`#;[\]&]/)
  assert.not.match(drawn, /\u001b/)
})

test('dot gets quoted ids, labels and edges', () => {
  const drawn = toDot(plan, statusOf)
  assert.match(drawn, /^digraph board \{\n/)
  assert.match(drawn, '  "a.md:P0.1" [label="P0.1\\nEvent bus", fillcolor="#b7e1c0"]\n')
  assert.match(drawn, '  "a.md:P0.1" -> "a.md:P0.2"\n')
})

test('a hostile id or title stays inside its dot string', () => {
  const drawn = toDot(
    project(['x"y\\', { title: 'a\\' }], ['z', { title: '&lt;" \\N \u0007', needs: ['x"y\\'] }]),
    ready,
  )
  assert.match(drawn, '"a.md:x\\"y\\\\" [label="x\\"y\\\\\\na\\\\"')
  assert.match(drawn, '"a.md:x\\"y\\\\" -> "a.md:z"')
  assert.match(drawn, '[label="z\\n&amp;lt;\\" \\\\N ?"')
})

test('control characters never reach a terminal', () => {
  const drawn = drawAscii(project([key('A'), { title: 'red \u001b[31m\u202e' }]), ready)
  assert.match(drawn, 'red ?[31m?')
})

test.run()
