/** Money in the commands of sessions: what is refused, what a grant reserves, what ends it, and who hears of it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { BudgetRules, SessionName } from '../../src/model/index.ts'
import { reportCost } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { claimTask, next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { acceptRewind, restoreRewound } from '../../src/workflows/sync.ts'
import { budgetAlerts } from '../../src/workflows/views-budget.ts'
import { statusOf } from '../../src/workflows/views-status.ts'
import { why } from '../../src/workflows/views-why.ts'
import { budgetConditions } from '../../src/workflows/watch/conditions.ts'
import { ask, end } from '../support/acts.ts'
import { boardOf, type Clone, type Fleet, fleet, names } from '../support/fleet.ts'
import { budget, govern, usd } from '../support/governed.ts'

const [ann, bob] = names(2) as [SessionName, SessionName]
const DEAR: Partial<BudgetRules> = { reserve: { microUsd: usd(4), tokens: 1 } }

async function withBudget(
  rules: Partial<BudgetRules>,
  work: (one: Fleet, a: Clone, b: Clone) => Promise<void>,
): Promise<void> {
  const one = await fleet({ kind: 'memory-remote', board: boardOf(['T1'], ['T2'], ['T3']) })
  const [a, b] = [await one.clone(), await one.clone()]
  await govern(one, budget({ ...DEAR, ...rules }))
  await work(one, a, b)
  await one.close()
}

const completed = (dollars?: number) =>
  ({ kind: 'completed', evidence: {}, cost: dollars === undefined ? undefined : { usd: dollars } }) as const
const spentNow = async ({ box }: Clone) => (await read(box)).accounts.ledger.boards[0]?.spent.microUsd ?? 0

test('a claim that does not fit is refused with what is left, and fits when another has ended for less', async () => {
  await withBudget({ total: { microUsd: usd(7) } }, async (_one, a, b) => {
    assert.is(await ask(a, ann), 'granted T1')
    const refused = await next(b.box, { session: bob })
    assert.ok(refused.kind === 'refused')
    assert.is(refused.rule, 'budget-total')
    assert.match(refused.reason, '$3.00 is left of $7.00')
    assert.ok(refused.hint)
    await end(a, ann, completed(1))
    assert.match(await ask(b, bob), /^granted /)
  })
})

test('a cap that is used up refuses the session, also by name, and why says so', async () => {
  await withBudget({ session: { microUsd: usd(4) } }, async (_one, a) => {
    await ask(a, ann)
    await end(a, ann, completed())
    assert.is(await ask(a, ann), 'refused budget-session')
    const named = await claimTask(a.box, { session: ann, task: 'T2' })
    assert.is(named.kind === 'refused' && named.rule, 'budget-session')
    assert.is((await why(a.box, 'T2', ann)).verdict?.rule, 'budget-session')
  })
})

test('a late report takes the place of what was assumed, before and after a fold', async () => {
  await withBudget({}, async (_one, a) => {
    await ask(a, ann)
    await end(a, ann, completed())
    assert.is(await spentNow(a), usd(4))
    await fold(a.box, ann)
    assert.is(await spentNow(a), usd(4))
    await reportCost(a.box, { session: ann, task: 'T1', cost: { usd: 0.5 }, text: '' })
    assert.is(await spentNow(a), usd(0.5))
    await fold(a.box, ann)
    assert.is(await spentNow(a), usd(0.5))
    const { states } = (await read(a.box)).branch
    assert.equal([...states.values()].find(({ done }) => done !== undefined)?.account?.tried, [ann])
  })
})

test('what a thief takes over was spent by who lost it', async () => {
  await withBudget({}, async (one, a, b) => {
    await ask(a, ann)
    await ask(b, bob)
    await end(b, bob, completed(0))
    one.clock.advance(3_600_000)
    assert.is((await claimTask(b.box, { session: bob, task: 'T1' })).kind, 'granted')
    const { sessions } = (await read(a.box)).accounts.ledger
    assert.is(sessions.find(({ session }) => session === ann)?.spent.microUsd, usd(4))
  })
})

test('a person hears of a sum that is spent, once, with a cap or without', async () => {
  await withBudget({ alertSums: [{ microUsd: usd(4) }, { microUsd: usd(7) }, { tokens: 5 }] }, async (_one, a) => {
    const alerts = async () => budgetConditions(budgetAlerts(await read(a.box)))
    await ask(a, ann)
    assert.equal(await alerts(), [], 'what is set aside is not spent')
    await end(a, ann, completed(4.5))
    assert.equal(
      (await alerts()).map(({ key, message }) => [key, message]),
      [['budget total  usd $4.00', '$4.50 are spent on all boards, and $4.00 is a sum to tell of']],
    )
    await reportCost(a.box, { session: ann, task: 'T1', cost: { usd: 3 }, text: '' })
    assert.equal(
      (await alerts()).map(({ key }) => key),
      ['budget total  usd $7.00'],
    )
  })
})

test('the card says what is set aside and what is left, and only where a cap is set', async () => {
  await withBudget({ total: { microUsd: usd(10) } }, async (_one, a) => {
    const peeked = await next(a.box, { session: ann, peek: true })
    const granted = await next(a.box, { session: ann })
    const held = await next(a.box, { session: ann })
    for (const outcome of [peeked, granted, held]) {
      assert.ok('card' in outcome)
      const { card } = outcome
      assert.equal([card.budget?.reserve.microUsd, card.budget?.left, card.budget?.cap], [usd(4), usd(6), usd(10)])
    }
  })
  await withBudget({}, async (_one, a) => {
    const granted = await next(a.box, { session: ann })
    assert.ok('card' in granted && granted.card.budget === undefined)
  })
})

test('status shows caps, and a person hears at 75, 90 and 100 per cent, once each', async () => {
  await withBudget({ total: { microUsd: usd(5) }, day: { tokens: 100 } }, async (_one, a) => {
    const keys = async () => budgetConditions(budgetAlerts(await read(a.box))).map(({ key }) => key)
    assert.equal(await keys(), [])
    await ask(a, ann)
    assert.equal(await keys(), ['budget total  usd 75'])
    await end(a, ann, completed(4.5))
    assert.equal(await keys(), ['budget total  usd 90'])
    await reportCost(a.box, { session: ann, task: 'T1', cost: { usd: 3 }, text: '' })
    assert.equal(await keys(), ['budget total  usd 100'])
    const { budget: items, needsPerson } = statusOf(a.box, await read(a.box))
    assert.equal(
      items.map(({ scope, unit, cap, spent, left }) => [scope, unit, cap, spent, left]),
      [
        ['total', 'usd', 5, 7.5, 0],
        ['day', 'tokens', 100, 1, 99],
      ],
    )
    assert.is(needsPerson[0]?.kind, 'budget')
    assert.match(needsPerson[0]?.message ?? '', '150 % of $5.00 for all boards is used')
  })
})

for (const [how, repair] of [
  ['restored', restoreRewound],
  ['accepted', acceptRewind],
] as const)
  test(`a branch that was put back and is ${how} has counted what its notes have sealed, once`, async () => {
    await withBudget({}, async (one, a) => {
      await ask(a, ann)
      await end(a, ann, completed(2))
      await fold(a.box, ann)
      const before = await one.head()
      await ask(a, ann)
      await end(a, ann, completed(1))
      await fold(a.box, ann)
      await one.force(one.layout.board, before)
      await repair(a.box, ann)
      assert.is(await spentNow(a), usd(3))
      await ask(a, ann)
      await end(a, ann, completed(0.5))
      await fold(a.box, ann)
      assert.is(await spentNow(a), usd(3.5))
      const { ledger } = (await read(a.box)).branch
      assert.is(ledger?.boards[0]?.spent.microUsd, usd(3.5))
    })
  })

test('a branch that has lost its ledger gets one of the whole log with the next fold', async () => {
  await withBudget({}, async (one, a) => {
    await ask(a, ann)
    await end(a, ann, completed(2))
    await fold(a.box, ann)
    const before = await one.text('.if-board/state/ledger')
    await one.edit(() => undefined, { file: '.if-board/state/ledger' })
    await ask(a, ann)
    await end(a, ann, completed(1))
    await fold(a.box, ann)
    assert.is(await spentNow(a), usd(3))
    assert.is.not(await one.text('.if-board/state/ledger'), before)
  })
})

test.run()
