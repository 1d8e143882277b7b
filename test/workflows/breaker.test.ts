/** Breakers on a board: sessions that are stopped, tasks that are set aside, who is told, and what ends it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { type BreakerRules, GOVERNOR_DEFAULTS, type SessionName, toSessionName } from '../../src/model/index.ts'
import { needsPerson } from '../../src/projection/index.ts'
import { eventType } from '../../src/witness/index.ts'
import { resume } from '../../src/workflows/adjust.ts'
import { breakers } from '../../src/workflows/breaker-list.ts'
import { resetBreaker } from '../../src/workflows/breaker-reset.ts'
import { fold } from '../../src/workflows/fold.ts'
import { grant } from '../../src/workflows/grant.ts'
import { next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { status } from '../../src/workflows/views-status.ts'
import { why } from '../../src/workflows/views-why.ts'
import { ask, claim, codeOf, done, end, fail, release, settle } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, type FleetKind, names } from '../support/fleet.ts'
import { govern } from '../support/governed.ts'
import { on } from '../support/on-fleet.ts'
import { pinsOf, softOperator } from '../support/ssh.ts'
import { verifyAfresh } from '../support/verified.ts'
import { notesOf } from '../support/witnessed.ts'

const MINUTE = 60_000
const board = boardOf(...Array.from({ length: 9 }, (_, at) => [`T${at + 1}`] as const))
const [s1, s2, s3, s4] = names(4) as [SessionName, SessionName, SessionName, SessionName]
const ada = toSessionName('ada')
const nobody = { pins: pinsOf(), crypto: nodeSshCrypto }

function reset(clone: Clone, target: string | undefined, by: SessionName = ada, registry = nobody) {
  return resetBreaker(clone.box, { by, target, reason: 'mended', registry })
}

/** The session takes a task by name and fails at it. */
async function failAt(clone: Clone, session: SessionName, ...tasks: string[]): Promise<void> {
  for (const task of tasks) {
    assert.is(await claim(clone, session, task), `granted ${task}`)
    assert.is(await fail(clone, session, task), `failed ${task}`)
  }
}

const rules = (breaker: Partial<BreakerRules>) => ({ breaker: { ...GOVERNOR_DEFAULTS.breaker, ...breaker } })

/** What the log says of breakers, oldest first. */
async function told(clone: Clone): Promise<string[]> {
  const events = (await notesOf(clone)).flatMap((note) => note.events)
  return events
    .filter((event) => eventType(event) === 'breaker')
    .map(({ session, data: { breaker } }) => `${session}: ${breaker?.name} ${breaker?.to} (${breaker?.rule})`)
}

/** What a full verification counts otherwise than the folds did. */
async function differs(...clones: readonly Clone[]): Promise<string[]> {
  const { findings } = await verifyAfresh({ clones }, 'full')
  return findings.filter(({ code }) => code === 'witness/ledger-differs').map(({ message }) => message)
}

for (const kind of ['memory', 'local', 'remote'] as const satisfies readonly FleetKind[])
  test(`three failures stop a session in every clone, one task probes, and its completion closes, on ${kind}`, () =>
    on(
      { kind, board },
      async (fleet, a, b) => {
        await failAt(a, s1, 'T1', 'T2')
        assert.is(await claim(a, s1, 'T3'), 'granted T3')
        assert.is(await fail(a, s1, 'T3'), 'failed T3')
        assert.is(await ask(a, s1), 'refused breaker-open')
        assert.is(await ask(b, s1), 'refused breaker-open')
        assert.is(await claim(b, s2, 'T1'), 'granted T1')
        await settle(a, ada)
        assert.is(await ask(a, s1), 'refused breaker-open')
        fleet.clock.advance(15 * MINUTE)
        assert.is(await claim(a, s1, 'T5'), 'granted T5')
        assert.is(await claim(a, s1, 'T6'), 'refused max-tasks')
        assert.is(await done(a, s1, 'T5'), 'completed T5')
        assert.equal(await breakers(b.box), [])
        assert.is(await claim(b, s1, 'T6'), 'granted T6')
        await settle(b, ada)
        assert.equal(await told(b), [
          `${s1}: ${s1} open (consecutive)`,
          `${s1}: ${s1} half-open (probe)`,
          `${s1}: ${s1} closed (probe)`,
        ])
      },
      kind,
    ))

test('each clone counts the cool-down from when it saw the failure itself, and a jump of its clock shortens nothing', () =>
  on(board, async (fleet, a, b) => {
    await failAt(a, s1, 'T1', 'T2', 'T3')
    assert.is(await ask(a, s1), 'refused breaker-open')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s1), 'refused breaker-open')
    fleet.clock.setWall(fleet.clock.now().wallMs + 900 * MINUTE)
    assert.is(await ask(a, s1), 'refused breaker-open')
    fleet.clock.advance(5 * MINUTE)
    assert.is(await ask(b, s1), 'refused breaker-open')
    assert.is(await claim(a, s1, 'T4'), 'granted T4')
  }))

test('a half-open session holds one task at a time, also where more are allowed', () =>
  on({ kind: 'memory', board, config: { maxTasks: 5 } }, async (fleet, a, b) => {
    await failAt(a, s1, 'T1', 'T2', 'T3')
    await read(b.box)
    await read(a.box)
    fleet.clock.advance(15 * MINUTE)
    assert.is(await claim(a, s1, 'T4'), 'granted T4')
    assert.is(await claim(b, s1, 'T5'), 'refused breaker-probe')
    assert.is(await fail(a, s1, 'T4'), 'failed T4')
    assert.is(await claim(b, s1, 'T5'), 'refused breaker-open')
  }))

test('two processes of a half-open session that ask at once hold one task', () =>
  on({ kind: 'memory', board, config: { maxTasks: 5 } }, async (fleet, a) => {
    await failAt(a, s1, 'T1', 'T2', 'T3')
    await read(a.box)
    fleet.clock.advance(15 * MINUTE)
    const answers = await Promise.all(['T4', 'T5', 'T6'].map((task) => claim(a, s1, task).catch(() => 'lost')))
    assert.is(answers.filter((answer) => answer.startsWith('granted')).length, 1, answers.join())
    assert.is((await read(a.box)).claims.filter(({ kind }) => kind === 'granted').length, 1)
  }))

test('who is silent until others take over fails, and whoever takes over says that its breaker opened', () =>
  on(board, async (fleet, a, b) => {
    await failAt(a, s1, 'T1', 'T2')
    assert.is(await claim(a, s1, 'T3'), 'granted T3')
    await read(b.box)
    fleet.clock.advance(31 * MINUTE)
    assert.is(await claim(b, s2, 'T3'), 'granted T3')
    assert.is(await ask(a, s1), 'refused breaker-open')
    await settle(b, ada)
    assert.equal(await told(b), [`${s2}: ${s1} open (consecutive)`])
  }))

test('what is released or blocked is no failure', () =>
  on(board, async (_, a) => {
    for (const task of ['T1', 'T2', 'T3']) {
      assert.is(await claim(a, s1, task), `granted ${task}`)
      await (task === 'T2' ? end(a, s1, { kind: 'blocked', blocker: 'a key' }, task) : release(a, s1, task))
    }
    assert.is(await claim(a, s1, 'T4'), 'granted T4')
  }))

test('a session that burns is cut off within the task that it burns at', () =>
  on(board, async (fleet, a, b) => {
    await govern(fleet, rules({ microUsdPerHour: 20_000_000 }))
    assert.is(await claim(a, s1, 'T1'), 'granted T1')
    assert.is(await end(a, s1, { kind: 'completed', evidence: {}, cost: { usd: 21 } }, 'T1'), 'completed T1')
    assert.is(await ask(a, s1), 'refused breaker-open')
    assert.is(await ask(b, s1), 'refused breaker-open')
    const [item] = await breakers(b.box)
    assert.equal([item?.rule, item?.reason], ['cost-rate', '$21.00 spent within 60 min'])
  }))

test('by hand alone: no cool-down opens it, a reset by somebody else closes it, also in the ledger', () =>
  on(board, async (fleet, a, b) => {
    await govern(fleet, rules({ halfOpen: 'manual' }))
    await failAt(a, s1, 'T1', 'T2', 'T3')
    await read(a.box)
    fleet.clock.advance(900 * MINUTE)
    assert.is(await ask(a, s1), 'refused breaker-open')
    assert.is(await codeOf(reset(a, s1, s1)), 'breaker/own')
    assert.equal(await reset(b, s1), { kind: 'reset', closed: [s1], open: [] })
    assert.equal(await reset(b, s1), { kind: 'unchanged', closed: [], open: [] })
    assert.is(await claim(a, s1, 'T4'), 'granted T4')
    await settle(a, ada)
    await govern(fleet, rules({ halfOpen: 'manual' }))
    assert.equal(await breakers(b.box), [])
    assert.is(await fail(a, s1, 'T4'), 'failed T4')
    assert.equal(await breakers(a.box), [])
  }))

test('a reset that its own session forged is not counted', () =>
  on(board, async (_, a) => {
    await failAt(a, s1, 'T1', 'T2', 'T3')
    const reading = await read(a.box)
    const account = reading.accounts.ledger.sessions.find(({ session }) => session === s1)
    const forgiven = `${account?.outcomes.at(-1)?.sequence} ${account?.outcomes.at(-1)?.task}`
    const { say } = await import('../../src/workflows/publish.ts')
    const breaker = { of: 'session', name: s1, to: 'closed', rule: 'reset', forgiven } as const
    const { outcome } = await say(a.box, reading, { session: s1, type: 'breaker', data: { breaker, reason: 'please' } })
    assert.is(outcome.kind, 'moved')
    assert.is(await ask(a, s1), 'refused breaker-open')
    await settle(a, ada)
    assert.is(await ask(a, s1), 'refused breaker-open')
  }))

test('a reset without a name closes all that are open, but for who asks', () =>
  on(board, async (_, a) => {
    await failAt(a, s1, 'T1', 'T2', 'T3')
    await failAt(a, s2, 'T4', 'T5', 'T6')
    const outcome = await reset(a, undefined, s1)
    assert.equal([outcome.closed, outcome.open.map(({ name }) => name)], [[s2], [s1]])
  }))

test('a reset of what no board and no log knows is an error', () =>
  on(board, async (_, a) => {
    assert.is(await codeOf(reset(a, 'T99')), 'task/unknown')
    assert.is(await codeOf(reset(a, 'session-99')), 'task/unknown')
    assert.equal(await reset(a, 'T1'), { kind: 'unchanged', closed: [], open: [] })
    assert.equal(await reset(a, undefined), { kind: 'unchanged', closed: [], open: [] })
  }))

test('where operators are pinned, a key that none of them granted closes nothing', () =>
  on(board, async (_, a) => {
    const operator = softOperator('olga')
    const registry = { pins: pinsOf(operator), crypto: nodeSshCrypto }
    await failAt(a, s1, 'T1', 'T2', 'T3')
    await claim(a, s2, 'T4')
    assert.is(await codeOf(reset(a, s1, s2, registry)), 'breaker/not-granted')
    const change = { kind: 'grant', days: 1 } as const
    await grant(a.box, { ...registry, operator }, { author: s2, session: s2, change })
    assert.is((await reset(a, s1, s2, registry)).kind, 'reset')
  }))

for (const kind of ['memory', 'remote'] as const satisfies readonly FleetKind[])
  test(`a task at which three sessions failed is offered to nobody until it is reset, on ${kind}`, () =>
    on(
      { kind, board: boardOf(['T1']) },
      async (fleet, a, b) => {
        for (const session of [s1, s2, s3]) await failAt(a, session, 'T1')
        assert.is(await ask(b, s4), 'none')
        assert.is(await claim(b, s4, 'T1'), 'none')
        const { needsPerson: needs } = await status(b.box)
        assert.is(needs.find((need) => need.kind === 'quarantined')?.task, 'T1')
        assert.match((await why(b.box, 'T1')).reasons.join(), /failed with 3 sessions: session-1, session-2, session-3/)
        await settle(a, ada)
        assert.match((await fleet.text()) ?? '', /T1 .*PAUSED \(it failed with 3 sessions/)
        assert.is(await ask(b, s4), 'none')
        assert.is(await codeOf(reset(b, 'T1', s2)), 'breaker/own')
        assert.equal((await reset(b, 'T1')).closed, ['T1'])
        assert.is(await claim(b, s1, 'T1'), 'granted T1')
        assert.is(await fail(b, s1, 'T1'), 'failed T1')
        assert.is(await claim(b, s4, 'T1'), 'granted T1')
        await settle(b, ada)
        assert.equal(await told(b), [`${s3}: ${BOARD}:T1 open (quarantine)`, `ada: ${BOARD}:T1 closed (reset)`])
        assert.equal(await differs(a, b), [])
      },
      kind,
    ))

test('a person who sets the status of a quarantined task anew has it tried again, before a fold and after', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    for (const session of [s1, s2, s3]) await failAt(a, session, 'T1')
    await settle(a, ada)
    await fleet.edit((text) => text.replace(/PAUSED[^|]*/, 'AVAILABLE '))
    assert.is(await claim(b, s4, 'T1'), 'granted T1')
    await settle(b, ada)
    assert.equal((await fleet.state('T1'))?.account?.failed, [])
    assert.is(await fail(b, s4, 'T1'), 'failed T1')
    await settle(b, ada)
    assert.equal((await fleet.state('T1'))?.account?.failed, [s4])
    assert.equal(await differs(a, b), [])
    assert.is(await claim(a, s1, 'T1'), 'granted T1')
  }))

test('resume ends a quarantine that a fold has written', () =>
  on(boardOf(['T1']), async (_, a) => {
    for (const session of [s1, s2, s3]) await failAt(a, session, 'T1')
    await settle(a, ada)
    assert.is((await resume(a.box, { target: 'T1', reason: undefined, now: false, author: ada })).kind, 'resumed')
    await fold(a.box, ada)
    assert.is(await claim(a, s4, 'T1'), 'granted T1')
  }))

test('the person is told by the snapshot of whoever looks, not by whoever failed', () =>
  on(boardOf(['T1']), async (_, a, b) => {
    for (const session of [s1, s2, s3]) await failAt(a, session, 'T1')
    const { snapshot } = await read(b.box)
    const need = needsPerson(snapshot, snapshot.plan()).find(({ kind }) => kind === 'quarantined')
    assert.match(need?.hint ?? '', /breaker reset T1 --reason TEXT/)
  }))

test('one old perfect session and nine new ones are all given work, one that fails gets what it is assigned alone', () =>
  on(boardOf(...Array.from({ length: 24 }, (_, at) => [`T${at + 1}`] as const)), async (fleet, a) => {
    const slo = { slo: { minReputation: 0.4 } }
    const [old, ...others] = names(11) as [SessionName, ...SessionName[]]
    const failing = others.pop() as SessionName
    await govern(fleet, { ...slo, ...rules({ consecutive: 9, failures: 9 }) })
    for (let at = 1; at <= 8; at += 1) {
      await claim(a, old, `T${at}`)
      await done(a, old, `T${at}`)
    }
    await failAt(a, failing, 'T9', 'T10', 'T11')
    const answers: string[] = []
    for (const session of [old, ...others]) answers.push((await next(a.box, { session })).kind)
    assert.equal(
      answers,
      Array.from({ length: 10 }, () => 'granted'),
    )
    assert.is((await next(a.box, { session: failing })).kind, 'refused')
    assert.is(await claim(a, failing, 'T24'), 'refused reputation')
  }))

test.run()
