/** What a task has cost: typed, else read, else not known; each token in one event. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cost, ModelUsage, SessionName } from '../../src/model/index.ts'
import type { Reading as Spending, Transcript } from '../../src/ports/transcripts.ts'
import { finish } from '../../src/workflows/finish.ts'
import { claimTask, next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { noteTranscript } from '../../src/workflows/spending.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [ada, ben] = names(2) as [SessionName, SessionName]
const three = boardOf(['T1'], ['T2'], ['T3'])
const FILE: Transcript = { tool: 'claude-code', path: '/home/user/one.jsonl', id: 'one' }
const PRICES = new Map([['m', { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1 }]])

/** A tool that has used so many tokens until now; a mark is what it had used then. */
function tool(own: Transcript | 'none' = FILE) {
  const state = { used: 0, model: 'm', broken: false, asked: [] as string[] }
  const since = async ({ path }: Transcript, mark: string | undefined): Promise<Spending | undefined> => {
    state.asked.push(path)
    if (state.broken) return undefined
    const outputTokens = mark === undefined ? 0 : state.used - Number(mark)
    const input = { freshTokens: 0, cacheReadTokens: outputTokens * 10, cacheWriteTokens: 0, cacheHourTokens: 0 }
    const usage: ModelUsage[] = outputTokens === 0 ? [] : [{ model: state.model, ...input, outputTokens }]
    return { usage, mark: String(state.used) }
  }
  return {
    state,
    spending: {
      transcripts: { since },
      ownTranscript: async () => (own === 'none' ? undefined : own),
      prices: async () => PRICES,
    },
  }
}

function boxOf(clone: Clone, spending: Toolbox['spending']): Toolbox {
  return { ...clone.box, ...(spending === undefined ? {} : { spending }) }
}

const complete = (box: Toolbox, session = ada, cost?: Cost, task?: string) =>
  finish(box, { session, task }, { kind: 'completed', evidence: {}, cost })

async function costOfLast(box: Toolbox, session = ada): Promise<Cost | undefined> {
  const { snapshot } = await read(box)
  return snapshot.sessions.get(session)?.record.last?.event.data.cost
}

test('what was written between the claim and its end is the cost of the task, in tokens and by list prices', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    state.used = 1_000_000
    await next(box, { session: ada })
    state.used = 3_000_000
    await next(box, { session: ada })
    await complete(box)
    const tokens = { inputTokens: 20_000_000, outputTokens: 2_000_000, cacheReadTokens: 20_000_000 }
    assert.equal(await costOfLast(box), { source: 'transcript', usd: 6, model: 'm', ...tokens })
  }))

test('tokens that were used while nothing was held belong to no task, and none is counted twice', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    await next(box, { session: ada })
    state.used = 10
    await finish(box, { session: ada, task: undefined }, { kind: 'released', reason: undefined })
    assert.is((await costOfLast(box))?.outputTokens, 10)
    state.used = 500
    await next(box, { session: ada })
    state.used = 507
    await complete(box)
    assert.is((await costOfLast(box))?.outputTokens, 7)
  }))

test('of several tasks at once, what was used is counted with the one that ends first', () =>
  on({ kind: 'memory', board: three, config: { maxTasks: 2 } }, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    await claimTask(box, { session: ada, task: 'T1' })
    state.used = 10
    await claimTask(box, { session: ada, task: 'T2' })
    state.used = 15
    await complete(box, ada, undefined, 'T2')
    assert.is((await costOfLast(box))?.outputTokens, 15)
    state.used = 16
    await complete(box, ada, undefined, 'T1')
    assert.is((await costOfLast(box))?.outputTokens, 1)
  }))

test('what was typed counts before what was read, and says so', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    await next(box, { session: ada })
    state.used = 10
    await complete(box, ada, { usd: 1.5, source: 'reported' })
    assert.equal(await costOfLast(box), { source: 'reported', usd: 1.5 })
  }))

test('no figure is no cost: no tokens, no price, no file, no tool', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    await next(box, { session: ada })
    await complete(box)
    assert.is(await costOfLast(box), undefined)
    await next(box, { session: ada })
    Object.assign(state, { used: 10, model: 'new' })
    await complete(box)
    assert.equal(await costOfLast(box), {
      source: 'transcript',
      model: 'new',
      inputTokens: 100,
      outputTokens: 10,
      cacheReadTokens: 100,
    })
    await next(box, { session: ada })
    Object.assign(state, { used: 20, broken: true })
    await complete(box)
    assert.is(await costOfLast(box), undefined)
  }))

test('a transcript that a hook told stands before the one of this process, for its session alone', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool('none')
    const box = boxOf(clone, spending)
    await noteTranscript(box, ada, FILE)
    await next(box, { session: ada })
    await next(box, { session: ben })
    state.used = 10
    await complete(box)
    assert.is((await costOfLast(box))?.outputTokens, 10)
    await complete(box, ben)
    assert.is(await costOfLast(box, ben), undefined)
    assert.ok(state.asked.every((path) => path === FILE.path))
  }))

test('a tool that throws, and a note that is no note, stop nobody', () =>
  on(three, async (_, clone) => {
    const fails = async () => {
      throw new Error('disk')
    }
    const box = boxOf(clone, { transcripts: { since: fails }, ownTranscript: async () => FILE, prices: fails })
    await clone.box.memory.write('transcripts/session-2', '{')
    for (const session of [ada, ben]) {
      assert.is((await next(box, { session })).kind, 'granted')
      assert.is((await complete(box, session)).kind, 'completed')
      assert.is(await costOfLast(box, session), undefined)
    }
  }))

test.run()
