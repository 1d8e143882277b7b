/**
 * Money on random days, against a model that knows nothing of events, ledgers and folds: it writes down every grant and
 * what it was charged. Whatever is done in whatever order, accounts say what the model says, no grant is made that does
 * not fit, and what is spent exceeds the cap by no more than what was in flight has cost above its reservations.
 */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IfBoardError, type ObjectId, type SessionName, type TaskKey } from '../../src/model/index.ts'
import { reportCost, revoke } from '../../src/workflows/adjust.ts'
import { type Finish, finish } from '../../src/workflows/finish.ts'
import { fold } from '../../src/workflows/fold.ts'
import { next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { isFull, seeded } from '../support/claims.ts'
import { boardOf, type Clone, type Fleet, fleet, keyOf, names } from '../support/fleet.ts'
import { budget, govern, usd } from '../support/governed.ts'

const CAP = usd(10)
const RESERVE = usd(3)
const IDS = ['T1', 'T2', 'T3', 'T4', 'T5']
const SESSIONS = names(3)

interface Grant {
  readonly session: SessionName
  readonly task: TaskKey
  readonly reserve: number
  state: 'live' | 'assumed' | 'known'
  charged: number
  /** The check after it is still owed: where it does not fit by then, it is withdrawn. */
  owed?: boolean
}

interface Model {
  readonly grants: Map<ObjectId, Grant>
  /** Reports that no grant without a figure was there for. */
  extra: number
  /** Grants that lived, or had no figure yet, when the last one fitted in; and `extra` then. */
  inFlight: readonly Grant[]
  extraThen: number
}

interface Real {
  readonly one: Fleet
  readonly clones: readonly Clone[]
}

const cloneOf = ({ clones }: Real, who: number) => clones[who] as Clone
const sessionAt = (who: number) => SESSIONS[who] as SessionName
const grantsOf = ({ grants }: Model) => [...grants.values()]
const spentBy = (model: Model) => grantsOf(model).reduce((sum, { charged }) => sum + charged, 0) + model.extra
const reservedBy = (model: Model) =>
  grantsOf(model).reduce((sum, { state, reserve }) => sum + (state === 'live' ? reserve : 0), 0)

async function accountsMatch(model: Model, real: Real): Promise<void> {
  const { accounts } = await read(cloneOf(real, 0).box)
  const spent = accounts.ledger.boards.reduce((sum, one) => sum + one.spent.microUsd, 0)
  assert.is(spent, spentBy(model), 'spent')
  assert.is(
    accounts.reserved.reduce((sum, { amount }) => sum + amount.microUsd, 0),
    reservedBy(model),
    'reserved',
  )
  const above = model.inFlight.reduce((sum, { charged, reserve }) => sum + Math.max(0, charged - reserve), 0)
  assert.ok(spent - CAP <= above + (model.extra - model.extraThen), `${spent} spent, ${above} above what was reserved`)
}

interface Step extends fc.AsyncCommand<Model, Real> {}

function step(words: string, act: (model: Model, real: Real) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => words,
    async run(model, real) {
      await act(model, real)
      await accountsMatch(model, real)
    },
  }
}

/** The claim of a grant that was just made, with what it set aside. */
async function noteGrant(model: Model, real: Real, session: SessionName): Promise<void> {
  const { claims, accounts } = await read(cloneOf(real, 0).box)
  const claim = claims.find((one) => one.kind === 'granted' && one.session === session && !model.grants.has(one.oid))
  if (claim === undefined) return
  const victim = [...model.grants.values()].find((grant) => grant.state === 'live' && grant.task === claim.key)
  if (victim !== undefined) Object.assign(victim, { state: 'assumed', charged: victim.reserve })
  const reserve = accounts.reserved.find((one) => one.claim === claim.oid)?.amount.microUsd ?? 0
  assert.ok(reserve > 0)
  model.grants.set(claim.oid, { session, task: claim.key, reserve, state: 'live', charged: 0 })
  assert.ok(spentBy(model) + reservedBy(model) <= CAP, 'a grant fits')
  model.inFlight = grantsOf(model).filter(({ state }) => state !== 'known')
  model.extraThen = model.extra
}

/** A session that owes the check after its grant makes it before anything else. */
async function noteWithdrawn(model: Model, real: Real, session: SessionName): Promise<void> {
  const { claims } = await read(cloneOf(real, 0).box)
  for (const [oid, grant] of model.grants) {
    if (grant.session !== session || grant.state !== 'live' || grant.owed !== true) continue
    if (!claims.some((claim) => claim.oid === oid)) {
      assert.ok(spentBy(model) + reservedBy(model) > CAP, 'what fits is not withdrawn')
      Object.assign(grant, { state: 'known', charged: 0 })
    }
    grant.owed = false
  }
}

const ask = (who: number) =>
  step(`${sessionAt(who)} asks`, async (model, real) => {
    const { kind } = await next(cloneOf(real, who).box, { session: sessionAt(who) })
    await noteWithdrawn(model, real, sessionAt(who))
    if (kind === 'granted') await noteGrant(model, real, sessionAt(who))
  })

/** The push arrives, and the process ends before it hears so. */
const crash = (who: number) =>
  step(`${sessionAt(who)} asks and crashes`, async (model, real) => {
    const { box, traffic } = cloneOf(real, who)
    traffic.afterPush = () => Promise.reject(new Error('killed'))
    await next(box, { session: sessionAt(who) }).catch(({ message }) => assert.is(message, 'killed'))
    traffic.afterPush = undefined
    await noteWithdrawn(model, real, sessionAt(who))
    const before = model.grants.size
    await noteGrant(model, real, sessionAt(who))
    const [last] = grantsOf(model).slice(before)
    if (last !== undefined) last.owed = true
  })

const end = (who: number, how: 'completed' | 'failed' | 'released', dollars: number | undefined) =>
  step(`${sessionAt(who)} ${how} for ${dollars}`, async (model, real) => {
    const cost = dollars === undefined ? undefined : { usd: dollars }
    const ways: Record<typeof how, Finish> = {
      completed: { kind: 'completed', evidence: {}, cost },
      failed: { kind: 'failed', reason: 'it broke', cost },
      released: { kind: 'released', reason: undefined, cost },
    }
    const held = grantsOf(model).filter(({ session, state }) => session === sessionAt(who) && state === 'live')
    try {
      const { kind } = await finish(cloneOf(real, who).box, { session: sessionAt(who), task: undefined }, ways[how])
      const charge = dollars === undefined ? {} : { charged: usd(dollars), state: 'known' }
      const [grant] = held
      if (kind === how && grant !== undefined)
        Object.assign(grant, { state: 'assumed', charged: grant.reserve, ...charge })
    } catch (error) {
      if (!(error instanceof IfBoardError) || error.code !== 'claim/none-held') throw error
    }
  })

const late = (who: number, task: number, dollars: number) =>
  step(`${sessionAt(who)} reports ${dollars} for ${IDS[task]}`, async (model, real) => {
    const id = IDS[task] as string
    const report = { session: sessionAt(who), task: id, cost: { usd: dollars }, text: '' }
    await reportCost(cloneOf(real, who).box, report)
    const open = grantsOf(model).findLast(
      (one) => one.session === sessionAt(who) && one.task === keyOf(id) && one.state === 'assumed',
    )
    if (open === undefined) model.extra += usd(dollars)
    else Object.assign(open, { state: 'known', charged: usd(dollars) })
  })

const takeBack = (who: number, from: number) =>
  step(`${sessionAt(who)} takes back what ${sessionAt(from)} holds`, async (model, real) => {
    const request = { by: sessionAt(who), from: sessionAt(from), task: undefined, reason: 'enough' }
    await revoke(cloneOf(real, who).box, request)
    for (const grant of grantsOf(model))
      if (grant.session === sessionAt(from) && grant.state === 'live')
        Object.assign(grant, { state: 'assumed', charged: grant.reserve })
  })

const foldNow = (who: number) =>
  step(`${sessionAt(who)} folds`, async (_, real) => {
    await fold(cloneOf(real, who).box, sessionAt(who))
  })

const wait = step('an hour passes', async (_, { one }) => one.clock.advance(3_600_000))

const who = fc.nat({ max: SESSIONS.length - 1 })
const dollars = fc.constantFrom(0, 0.25, 2, 3, 7, 12)
const commands = [
  who.map(ask),
  who.map(ask),
  who.map(crash),
  fc
    .tuple(who, fc.constantFrom('completed', 'failed', 'released'), fc.option(dollars, { nil: undefined }))
    .map((args) => end(...args)),
  fc.tuple(who, fc.nat({ max: IDS.length - 1 }), dollars).map((args) => late(...args)),
  fc.tuple(who, who).map((args) => takeBack(...args)),
  who.map(foldNow),
  fc.constant(wait),
]

test('accounts say what was spent and reserved, grants fit, and the cap is exceeded by what was in flight at most', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (path) => {
      const one = await fleet({ kind: 'memory-remote', board: boardOf(...IDS.map((id) => [id] as const)) })
      await govern(one, budget({ total: { microUsd: CAP }, reserve: { microUsd: RESERVE, tokens: 1 } }))
      const clones: Clone[] = []
      for (const _ of SESSIONS) {
        const clone = await one.clone()
        clones.push(clone)
      }
      const setup = () => ({
        model: { grants: new Map(), extra: 0, inFlight: [], extraThen: 0 } as Model,
        real: { one, clones },
      })
      await fc.asyncModelRun(setup, path)
      await one.close()
    }),
    { ...seeded, numRuns: isFull ? 1000 : 60, endOnFailure: true },
  )
})

test.run()
