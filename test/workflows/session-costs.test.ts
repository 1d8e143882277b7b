/** What `status` says that each session has cost. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mapMemory } from '../../src/adapters/memory/local.ts'
import type { Cost, SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { join } from '../../src/workflows/join.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { status } from '../../src/workflows/views-status.ts'
import { ask, end } from '../support/acts.ts'
import { boardOf, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [ada] = names(1) as [SessionName]
const board = boardOf(['T1'], ['T2'], ['T3'], ['T4'])
const UNKNOWN = [{ of: 'ended', source: 'unknown', usd: null, inputTokens: null, outputTokens: null }]

async function costsOf(box: Toolbox) {
  const { sessions, costsSince } = await status(box)
  assert.is(costsSince, null)
  return Object.fromEntries(sessions.map(({ name, cost }) => [name, cost]))
}

test('a session of which no figure is known costs `unknown`, holding a task or not', () =>
  on(board, async (_, clone) => {
    await ask(clone, ada)
    assert.equal(await costsOf(clone.box), { [ada]: UNKNOWN })
  }))

test('each source has a part of its own, sealed or not, and a report without a price leaves no sum', () =>
  on(board, async (_, clone) => {
    const reports: Cost[] = [
      { usd: 0.1, source: 'reported' },
      { usd: 0.2, source: 'reported' },
      { usd: 2, source: 'transcript', inputTokens: 1000, outputTokens: 10 },
      { source: 'otel', inputTokens: 7, outputTokens: 1 },
    ]
    for (const cost of reports) {
      await ask(clone, ada)
      await end(clone, ada, { kind: 'completed', evidence: {}, cost })
      if (cost.usd === 0.2) await fold(clone.box, ada)
    }
    const ended = [
      { of: 'ended', source: 'reported', usd: 0.3, inputTokens: null, outputTokens: null },
      { of: 'ended', source: 'transcript', usd: 2, inputTokens: 1000, outputTokens: 10 },
      { of: 'ended', source: 'otel', usd: null, inputTokens: 7, outputTokens: 1 },
    ]
    assert.equal(await costsOf(clone.box), { [ada]: ended })
    await fold(clone.box, ada)
    assert.equal(await costsOf(clone.box), { [ada]: ended })
  }))

test('a session that named a rate has an estimate for what it reported nothing of, beside its reports', () =>
  on(board, async ({ clock }, clone) => {
    const asker = { option: undefined, variable: undefined, tool: undefined, nameStem: 'host' }
    const place = { worktree: mapMemory(), exclusively: <T>(work: () => Promise<T>) => work() }
    await join(clone.box, place, asker, { name: ada, rateUsdPerHour: 6 })
    await ask(clone, ada)
    clock.advance(10 * 60_000)
    await end(clone, ada, { kind: 'completed', evidence: {} })
    await ask(clone, ada)
    clock.advance(10 * 60_000)
    await end(clone, ada, { kind: 'completed', evidence: {}, cost: { usd: 5 } })
    const parts = (await costsOf(clone.box))[ada] ?? []
    assert.equal(
      parts.map(({ source, usd }) => [source, Math.round((usd ?? 0) * 100) / 100]),
      [
        ['reported', 5],
        ['estimate', 1],
      ],
    )
  }))

test('a log that cannot be read leaves costs unknown, and status is told', () =>
  on(board, async (_, clone) => {
    await ask(clone, ada)
    await end(clone, ada, { kind: 'completed', evidence: {}, cost: { usd: 1 } })
    const memory = { ...clone.box.memory, read: (name: string) => readExceptLog(clone.box, name) }
    await fold(clone.box, ada)
    assert.equal(await costsOf({ ...clone.box, memory }), { [ada]: UNKNOWN })
  }))

function readExceptLog({ memory }: Toolbox, name: string): Promise<string | undefined> {
  if (name.startsWith('cache/witness')) throw new Error('disk')
  return memory.read(name)
}

test.run()
