/** Figures that a coding tool tells over OpenTelemetry, beside those of its transcript. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mapMemory } from '../../src/adapters/memory/local.ts'
import type { Cost, ModelUsage, SessionName } from '../../src/model/index.ts'
import type { ToldRequest } from '../../src/ports/index.ts'
import { finish } from '../../src/workflows/finish.ts'
import { bind } from '../../src/workflows/identity.ts'
import { next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { keeper } from '../../src/workflows/telemetry.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [ada] = names(1) as [SessionName]
const three = boardOf(['T1'], ['T2'], ['T3'])
const PRICES = new Map([['m', { input: 1, output: 2 }]])

const usageOf = (outputTokens: number): ModelUsage => ({
  ...{ model: 'm', freshTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cacheHourTokens: 0 },
  outputTokens,
})

/** A tool whose transcript has used so many tokens; `none`: there is no transcript. */
async function world(clone: Clone, now: () => number, transcript: 'read' | 'none' = 'read') {
  const state = { used: 0 }
  const since = async (_: unknown, mark: string | undefined) => {
    const outputTokens = mark === undefined ? 0 : state.used - Number(mark)
    const usage = outputTokens === 0 ? [] : [usageOf(outputTokens)]
    return { usage, counted: 'all' as const, mark: String(state.used) }
  }
  const own = async () =>
    transcript === 'none' ? undefined : ({ tool: 'claude-code', path: '/home/user/one.jsonl' } as const)
  const box: Toolbox = {
    ...clone.box,
    spending: { transcripts: { since }, ownTranscript: own, prices: async () => PRICES },
  }
  const place = { worktree: mapMemory(), exclusively: <T>(work: () => Promise<T>) => work() }
  await bind(box, place, ada, { label: 'Claude Code', id: 'Claude Code=c-1' })
  const keep = keeper(box, now())
  const tell = (outputTokens: number, more: Partial<ToldRequest> = {}) =>
    keep([{ tool: 'claude-code', sessionId: 'c-1', at: now(), usage: usageOf(outputTokens), ...more }])
  return { box, state, tell }
}

const complete = (box: Toolbox) => finish(box, { session: ada, task: undefined }, { kind: 'completed', evidence: {} })

async function costOfLast(box: Toolbox): Promise<Cost | undefined> {
  return (await read(box)).snapshot.sessions.get(ada)?.record.last?.event.data.cost
}

test('what the tool told, in its own dollars, counts before what was read of the same requests', () =>
  on(three, async ({ clock }, clone) => {
    const { box, state, tell } = await world(clone, () => clock.now().wallMs)
    await next(box, { session: ada })
    clock.advance(1000)
    await tell(10, { usd: 0.1 })
    await tell(5, { usd: 0.2 })
    state.used = 15
    await complete(box)
    assert.equal(await costOfLast(box), { source: 'otel', usd: 0.3, model: 'm', inputTokens: 0, outputTokens: 15 })
  }))

test('a batch that comes after the end of its task is missed by the one source, and counted by the other, once', () =>
  on(three, async ({ clock }, clone) => {
    const { box, state, tell } = await world(clone, () => clock.now().wallMs)
    await next(box, { session: ada })
    clock.advance(1000)
    await tell(10, { usd: 0.1 })
    state.used = 15
    const at = clock.now().wallMs
    await complete(box)
    const first = await costOfLast(box)
    assert.equal([first?.source, first?.outputTokens], ['transcript', 15])
    clock.advance(1000)
    await next(box, { session: ada })
    await tell(5, { usd: 9, at })
    clock.advance(1000)
    await tell(2, { usd: 1 })
    state.used = 17
    await complete(box)
    assert.equal([(await costOfLast(box))?.usd, (await costOfLast(box))?.outputTokens], [1, 2])
  }))

test('without a transcript it counts alone, by list prices where the tool names no dollars', () =>
  on(three, async ({ clock }, clone) => {
    const { box, tell } = await world(clone, () => clock.now().wallMs, 'none')
    await tell(1) // so the session is known to be told of
    clock.advance(1000)
    await next(box, { session: ada })
    clock.advance(1000)
    await tell(1_000_000)
    await complete(box)
    assert.equal(await costOfLast(box), {
      ...{ source: 'otel', usd: 2, model: 'm', inputTokens: 0, outputTokens: 1_000_000 },
    })
  }))

test('who began to listen after the grant has missed something, and gives no figure alone', () =>
  on(three, async ({ clock }, clone) => {
    const { box, tell } = await world(clone, () => clock.now().wallMs, 'none')
    await tell(1)
    await next(box, { session: ada })
    clock.advance(1000)
    const late = keeper(box, clock.now().wallMs)
    clock.advance(1000)
    await late([{ tool: 'claude-code', sessionId: 'c-1', at: clock.now().wallMs, usage: usageOf(7) }])
    await complete(box)
    assert.is(await costOfLast(box), undefined)
  }))

test('conversations that nobody here is bound to are not kept, and the newest requests are, up to a limit', () =>
  on(three, async ({ clock }, clone) => {
    const { box, tell } = await world(clone, () => clock.now().wallMs, 'none')
    const written: string[] = []
    const write = (name: string, text: string) => {
      written.push(text)
      return box.memory.write(name, text)
    }
    const keep = keeper({ ...box, memory: { ...box.memory, write } }, 0)
    await keep(Array.from({ length: 50 }, (_, n) => request(`stranger-${n}`, 1)))
    await keep([request('c-1', 1, 'codex')])
    assert.equal(written, [])
    await tell(1)
    await keep(Array.from({ length: 5000 }, (_, n) => request('c-1', n + 1)))
    assert.ok((written.at(-1)?.length ?? 0) < 400_000, String(written.at(-1)?.length))
    await next(box, { session: ada })
    await complete(box)
    assert.is(await costOfLast(box), undefined)
  }))

function request(sessionId: string, at: number, tool: ToldRequest['tool'] = 'claude-code'): ToldRequest {
  return { tool, sessionId, at, usage: usageOf(1) }
}

test.run()
