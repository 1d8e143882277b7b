import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sessionCostText } from '../../../src/cli/print/session-cost.ts'
import { type CostPart, UNKNOWN_COST } from '../../../src/workflows/session-costs.ts'

const part = (more: Partial<CostPart>): CostPart => ({
  ...{ of: 'ended', source: 'transcript', usd: null, inputTokens: null, outputTokens: null },
  ...more,
})

test('what is not known says so, and is never 0', () => {
  assert.is(sessionCostText(UNKNOWN_COST), 'cost unknown')
  assert.is(sessionCostText([]), 'cost unknown')
  assert.is(sessionCostText([part({ source: 'reported' })]), 'no figure reported')
})

test('each figure has its source; figures of one source are added up, of several not', () => {
  const ended = part({ usd: 2, inputTokens: 10 })
  const held = part({ of: 'held', usd: 0.5, outputTokens: 5 })
  assert.is(sessionCostText([ended, held, part({ source: 'reported', usd: 1 })]), '$2.50 transcript, $1.00 reported')
})

test('a sum without the price of one part is told in tokens; less than a cent is not nothing', () => {
  assert.is(
    sessionCostText([part({ usd: 2, inputTokens: 11_600 }), part({ outputTokens: 5 })]),
    '12k tokens transcript',
  )
  assert.is(sessionCostText([part({ inputTokens: 1_250_000, outputTokens: 950 })]), '1.3M tokens transcript')
  assert.is(sessionCostText([part({ source: 'otel', usd: 0.001 })]), '< $0.01 otel')
})

test.run()
