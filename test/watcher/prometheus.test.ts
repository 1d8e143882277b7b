import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { renderMetrics } from '../../src/watcher/prometheus.ts'
import type { Metric } from '../../src/workflows/watch/metrics.ts'
import { seed } from '../support/clones.ts'
import { parsePrometheus } from '../support/prometheus-text.ts'

const figures: Metric[] = [
  {
    name: 'if_board_tasks',
    type: 'gauge',
    help: 'Tasks.',
    samples: [
      { labels: { status: 'done' }, value: 3 },
      { labels: { status: 'ready' }, value: 0 },
    ],
  },
  { name: 'if_board_looks_total', type: 'counter', help: 'A \\ and\na line.', samples: [{ labels: {}, value: 1.5 }] },
]

test('metrics are written as the format shows them', () => {
  assert.is(
    renderMetrics(figures),
    `# HELP if_board_tasks Tasks.
# TYPE if_board_tasks gauge
if_board_tasks{status="done"} 3
if_board_tasks{status="ready"} 0
# HELP if_board_looks_total A \\\\ and\\na line.
# TYPE if_board_looks_total counter
if_board_looks_total 1.5
`,
  )
})

test('a metric without samples is left out whole', () => {
  assert.is(renderMetrics([{ name: 'x', type: 'gauge', help: 'X', samples: [] }, ...figures]), renderMetrics(figures))
})

test('any value of a label and any figure is read back as it was', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity, 1e300, 1e-9, -0))
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-composite', maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      value,
      (a, help, figure) => {
        const text = renderMetrics([{ name: 'm', type: 'gauge', help, samples: [{ labels: { a }, value: figure }] }])
        const read = parsePrometheus(text).get('m')
        assert.is(read?.samples[0]?.labels.get('a'), a)
        assert.is(read?.samples[0]?.value === figure, true, `${figure}`)
        assert.is(read?.help, help)
      },
    ),
    { seed },
  )
})

test('the reader of these tests refuses what is wrong', () => {
  for (const wrong of [
    'a 1\n',
    '# HELP a A\na 1\n',
    '# HELP a A\n# TYPE a gauge\n',
    '# HELP a A\n# TYPE a gauge\na 1',
    '# HELP a A\n# TYPE a gauge\na{b="c} 1\n',
    '# HELP a A\n# TYPE a gauge\na{b="\\x"} 1\n',
    '# HELP a A\n# TYPE a gauge\na one\n',
    '# HELP a A\n# TYPE a gauge\na 1\na 2\n',
    '# HELP a A\n# TYPE a gauge\na 1\n# HELP b B\n# TYPE b gauge\nb 1\na{c="d"} 1\n',
    '# HELP a A\n# TYPE a number\na 1\n',
  ])
    assert.throws(() => parsePrometheus(wrong), undefined, wrong)
})

test.run()
