/** Capabilities through the real workflows: what is offered, to whom, and what is said about it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { type Page, PLAIN_INK } from '../../src/cli/print/page.ts'
import { whyText } from '../../src/cli/print/why.ts'
import type { EventData, SessionName } from '../../src/model/index.ts'
import { grant } from '../../src/workflows/grant.ts'
import { next } from '../../src/workflows/next.ts'
import { say } from '../../src/workflows/publish.ts'
import { read } from '../../src/workflows/read.ts'
import { why } from '../../src/workflows/views-why.ts'
import { golden } from '../cli/golden.ts'
import { ask, claim, done } from '../support/acts.ts'
import { type Clone, fleet, names } from '../support/fleet.ts'
import { pinsOf, softOperator } from '../support/ssh.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]

function board(...rows: readonly (readonly [id: string, needs: string])[]): string {
  const lines = rows.map(([id, needs]) => `| ${id} | Do ${id} | AVAILABLE | ${needs} |`)
  return `# Board\n\n| ID | Task | Status | Needs |\n|---|---|---|---|\n${lines.join('\n')}\n`
}

async function joins({ box }: Clone, session: SessionName, data: EventData = {}): Promise<void> {
  const { outcome } = await say(box, await read(box), { session, type: 'joined', data })
  assert.is(outcome.kind, 'moved')
}

const PAGE: Page = { width: 100, ink: PLAIN_INK }
const KINDS = ['memory', 'local', 'remote'] as const

for (const kind of KINDS)
  test(`a session gets the first task that it can do, and none that it cannot, ${kind}`, async () => {
    const world = await fleet({ kind, board: board(['T1', 'sip'], ['T2', 'Code Analysis: Rust'], ['T3', '-']) })
    const clone = await world.clone()
    await joins(clone, s1, { capabilities: ['rust'] })
    assert.is(await ask(clone, s1), 'granted T2')
    assert.is(await done(clone, s1), 'completed T2')
    assert.is(await ask(clone, s1), 'granted T3')
    assert.is(await done(clone, s1), 'completed T3')
    assert.is(await ask(clone, s1), 'none')
    assert.is(await claim(clone, s1, 'T1'), 'refused capabilities')
    await world.close()
  })

test('what a session says when it joins again takes the place of what it said before', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'sip']) })
  const clone = await world.clone()
  await joins(clone, s1, { capabilities: ['rust'] })
  assert.is(await ask(clone, s1), 'none')
  await joins(clone, s1, { capabilities: ['rust', 'sip'] })
  assert.is(await ask(clone, s1), 'granted T1')
  await world.close()
})

test('a row of the roster says it too, whatever the session itself says', async () => {
  const roster = `# Agents\n\n| Session | Can | Model |\n|---|---|---|\n| Session 1 | SIP | Haiku |\n`
  const world = await fleet({
    kind: 'memory',
    board: board(['T1', 'sip, model:haiku']),
    files: { 'agents.md': roster },
  })
  const clone = await world.clone()
  await joins(clone, s2)
  assert.is(await ask(clone, s2), 'none')
  assert.is(await ask(clone, s1), 'granted T1')
  await world.close()
})

test('a column of models narrows nothing', async () => {
  const text = '| ID | Task | Status | Model |\n|--|--|--|--|\n| T1 | Do | OPEN | Haiku |\n'
  const world = await fleet({ kind: 'memory', board: text })
  assert.is(await ask(await world.clone(), s1), 'granted T1')
  await world.close()
})

test('where nothing is left for the session, it is told which task it cannot do, and what to type', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'sip']) })
  const clone = await world.clone()
  const outcome = await next(clone.box, { session: s1 })
  assert.is(outcome.kind, 'none')
  const reasons = outcome.kind === 'none' ? outcome.none.reasons.join('\n') : ''
  assert.match(reasons, 'T1 is kept back by the rule capabilities: T1 needs integration:sip')
  assert.match(reasons, 'if-board join session-1 --can integration:sip')
  await world.close()
})

test('a claim says how well session and task match', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'a, b, c, d']) })
  const clone = await world.clone()
  await joins(clone, s1, { capabilities: ['a', 'b', 'c'] })
  assert.is(await ask(clone, s1), 'granted T1')
  assert.is((await read(clone.box)).claims[0]?.event.data.score, 0.75)
  await world.close()
})

test('of two that want one task, the cheaper takes it, and the dearer the next', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', '-'], ['T2', '-']) })
  const clone = await world.clone()
  await joins(clone, s1, { rateUsdPerHour: 9 })
  await joins(clone, s2, { rateUsdPerHour: 3 })
  assert.is(await ask(clone, s1), 'granted T2')
  assert.is(await ask(clone, s2), 'granted T1')
  await world.close()
})

test('idle sessions of different skills take different tasks at the first ask', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', '-'], ['T2', 'sip'], ['T3', 'rust']) })
  const clone = await world.clone()
  await joins(clone, s1, { capabilities: ['sip'] })
  await joins(clone, s2, { capabilities: ['rust'] })
  await joins(clone, s3)
  const before = clone.traffic.pushes
  const got = [await ask(clone, s1), await ask(clone, s2), await ask(clone, s3)]
  assert.equal(got, ['granted T2', 'granted T3', 'granted T1'])
  assert.is(clone.traffic.pushes - before, 3)
  await world.close()
})

test('why tells both sides: what keeps the session from the task, and whom the rules let do it', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'sip'], ['T2', '-']) })
  const clone = await world.clone()
  await joins(clone, s1, { capabilities: ['rust'] })
  await joins(clone, s2, { capabilities: ['sip'] })
  golden('why-not', whyText(await why(clone.box, 'T1', s1), PAGE))
  golden('why-this', whyText(await why(clone.box, 'T2', s1), PAGE))
  await world.close()
})

test('a card names what would have come before, and the rule that keeps it away', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'sip'], ['T2', '-']) })
  const clone = await world.clone()
  const outcome = await next(clone.box, { session: s1 })
  assert.ok(outcome.kind === 'granted')
  assert.equal(
    outcome.card.passedOver.map(({ id, rule }) => `${id} ${rule}`),
    ['T1 capabilities'],
  )
  assert.is(outcome.card.score, undefined)
  await world.close()
})

const ada = softOperator('ada')
const tools = { pins: pinsOf(ada), crypto: nodeSshCrypto }
const DAY = 86_400_000

test('where an operator is pinned, a session has no more than was granted, for as long as that holds', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'gpu'], ['T2', 'rust'], ['T3', 'gpu']) })
  const open = await world.clone()
  const pinned: Clone = { ...open, box: { ...open.box, registry: async () => tools } }
  const may = (...can: string[]) =>
    grant(
      open.box,
      { operator: ada, ...tools },
      { author: s3, session: s1, change: { kind: 'grant', capabilities: can, days: 2 } },
    )
  const skills = async ({ box }: Clone) => [...(await read(box)).skillsOf(s1).has].sort().join(' ')
  await joins(open, s1, { capabilities: ['rust', 'gpu'] })
  assert.is(await skills(open), 'code-analysis:rust gpu')
  assert.is(await skills(pinned), '', 'nothing was granted yet')
  await may('Rust')
  assert.is(await skills(pinned), 'code-analysis:rust')
  assert.is(await claim(pinned, s1, 'T1'), 'refused capabilities')
  assert.is(await ask(pinned, s1), 'granted T2')
  world.clock.advance(3 * DAY)
  assert.is(await skills(pinned), '', 'the grant is over')
  await world.close()
})

test('a grant that names no capabilities limits none', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'gpu']) })
  const open = await world.clone()
  const pinned: Clone = { ...open, box: { ...open.box, registry: async () => tools } }
  await joins(open, s1, { capabilities: ['gpu'] })
  assert.is(await ask(pinned, s1), 'none')
  await grant(open.box, { operator: ada, ...tools }, { author: s3, session: s1, change: { kind: 'grant', days: 2 } })
  assert.is(await ask(pinned, s1), 'granted T1')
  await world.close()
})

test('pins that cannot be read grant nothing, and stop nobody whose work needs nothing', async () => {
  const world = await fleet({ kind: 'memory', board: board(['T1', 'gpu'], ['T2', '-']) })
  const open = await world.clone()
  const broken = { ...tools, pins: { ...tools.pins, read: async () => 'no key at all' } }
  const pinned: Clone = { ...open, box: { ...open.box, registry: async () => broken } }
  await joins(open, s1, { capabilities: ['gpu'] })
  assert.is(await claim(pinned, s1, 'T1'), 'refused capabilities')
  assert.is(await ask(pinned, s1), 'granted T2')
  await world.close()
})

test.run()
