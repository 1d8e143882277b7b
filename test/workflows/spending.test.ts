/** What a task has cost: typed, else read, else not known; each token in one event. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { type Cost, type ModelUsage, refKey, type SessionName } from '../../src/model/index.ts'
import type { Reading as Spending, Transcript } from '../../src/ports/transcripts.ts'
import { finish } from '../../src/workflows/finish.ts'
import { claimTask, next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { noteTranscript, readSpending, runningCost } from '../../src/workflows/spending.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { seeded } from '../support/claims.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [ada, ben] = names(2) as [SessionName, SessionName]
const three = boardOf(['T1'], ['T2'], ['T3'])
const FILE: Transcript = { tool: 'claude-code', path: '/home/user/one.jsonl', id: 'one' }
const NEXT_FILE: Transcript = { tool: 'claude-code', path: '/home/user/two.jsonl', id: 'two' }
const PRICES = new Map([['m', { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1 }]])

/** A tool that has used so many tokens until now, in one file or the next; a mark is what it had used then. */
function tool(own: Transcript | 'none' = FILE) {
  const state = { used: 0, usedInNext: 0, model: 'm', broken: false, cut: false, asked: [] as string[] }
  const since = async ({ path }: Transcript, mark: string | undefined): Promise<Spending | undefined> => {
    state.asked.push(path)
    if (state.broken) return undefined
    const now = path === NEXT_FILE.path ? state.usedInNext : state.used
    const before: { path?: string; now?: number } = JSON.parse(mark ?? '{}')
    const outputTokens = before.path === path ? now - (before.now ?? 0) : 0
    const input = { freshTokens: 0, cacheReadTokens: outputTokens * 10, cacheWriteTokens: 0, cacheHourTokens: 0 }
    const usage: ModelUsage[] = outputTokens === 0 ? [] : [{ model: state.model, ...input, outputTokens }]
    const counted = state.cut ? 'part' : 'all'
    return { usage: state.cut ? [] : usage, counted, mark: JSON.stringify({ path, now }) }
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

const SPENT = `spent/${refKey(ada, sha256OfText)}`

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

test('at each hook what was used so far is known, and at the end it is said once', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    assert.is(await runningCost(box, ada), undefined)
    await next(box, { session: ada })
    state.used = 10
    await readSpending(box, ada, FILE)
    state.used = 15
    await readSpending(box, ada, undefined)
    assert.equal(
      [await runningCost(box, ada), await costOfLast(box)].map((cost) => cost?.outputTokens),
      [15, undefined],
      'known here, and in no event',
    )
    state.used = 17
    await complete(box)
    assert.is((await costOfLast(box))?.outputTokens, 17)
    assert.is(await runningCost(box, ada), undefined)
  }))

test('in however many hooks it is read, the sum is the same, and each task has its own', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 6 }), fc.array(fc.nat(50), { maxLength: 6 }), (first, second) =>
      on(three, async (_, clone) => {
        const { state, spending } = tool()
        const box = boxOf(clone, spending)
        for (const steps of [first, second]) {
          await next(box, { session: ada })
          for (const step of steps) {
            state.used += step
            await readSpending(box, ada, undefined)
          }
          await complete(box)
          const sum = steps.reduce((total, step) => total + step, 0)
          assert.is((await costOfLast(box))?.outputTokens, sum === 0 ? undefined : sum)
        }
      }),
    ),
    { ...seeded, numRuns: 15 },
  ))

test('a conversation that goes on in another file is counted in both', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool('none')
    const box = boxOf(clone, spending)
    await readSpending(box, ada, FILE)
    await next(box, { session: ada })
    state.used = 10
    state.usedInNext = 100 // copied there from the first
    await readSpending(box, ada, NEXT_FILE)
    state.usedInNext = 105
    await complete(box)
    assert.is((await costOfLast(box))?.outputTokens, 15)
  }))

test('a file that was cut in between gives no figure, whatever was read before and after', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    await next(box, { session: ada })
    Object.assign(state, { used: 10 })
    await readSpending(box, ada, undefined)
    Object.assign(state, { used: 3, cut: true })
    await readSpending(box, ada, undefined)
    Object.assign(state, { used: 5, cut: false })
    await complete(box)
    assert.is(await costOfLast(box), undefined)
    await next(box, { session: ada })
    state.used = 6
    await complete(box)
    assert.is((await costOfLast(box))?.outputTokens, 1)
  }))

test('what a late hook writes about a task that has ended counts no more', () =>
  on(three, async (_, clone) => {
    const { state, spending } = tool()
    const box = boxOf(clone, spending)
    await next(box, { session: ada })
    state.used = 10
    await readSpending(box, ada, undefined)
    const late = (await box.memory.read(SPENT)) ?? ''
    await complete(box)
    await next(box, { session: ada })
    await box.memory.write(SPENT, late)
    state.used = 11
    await complete(box)
    assert.is((await costOfLast(box))?.outputTokens, 1)
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
