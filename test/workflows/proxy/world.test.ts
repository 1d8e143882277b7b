/** What the boards say of a capability: whose claim still stands, who may, and how old that knowledge may be. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cedarEngine } from '../../../src/adapters/cedar/index.ts'
import { type EventData, PROXY_CAPABILITY, type SessionName, toSessionName } from '../../../src/model/index.ts'
import type { ProxyAlias } from '../../../src/model/proxy.ts'
import { type Claimed, openWorld } from '../../../src/workflows/proxy/world.ts'
import { say } from '../../../src/workflows/publish.ts'
import { read } from '../../../src/workflows/read.ts'
import { claim, release } from '../../support/acts.ts'
import { boardOf, type Clone, type FleetRequest, keyOf, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'

const [ada] = names(1) as [SessionName]
const SEARCH: ProxyAlias = {
  ...{ alias: 'search', url: 'http://search.example/', connect: [], methods: ['GET'], paths: ['/**'], budget: {} },
  ...{ microUsdPerRequest: 0, timeoutSeconds: 10 },
}
const request = (more: Partial<FleetRequest> = {}): FleetRequest => ({
  ...{ kind: 'memory', board: boardOf(['T1'], ['T2']) },
  ...more,
  config: { proxy: [SEARCH], ...more.config },
})

async function joined({ box }: Clone, data: EventData): Promise<void> {
  const { outcome } = await say(box, await read(box), { session: ada, type: 'joined', data })
  assert.is(outcome.kind, 'moved')
}

async function claimed(clone: Clone): Promise<Claimed> {
  assert.is(await claim(clone, ada, 'T1'), 'granted T1')
  const { claims } = await read(clone.box)
  const [{ oid }] = claims as [(typeof claims)[number]]
  return { session: ada, task: keyOf('T1'), claim: oid }
}

const ABLE: EventData = { capabilities: [PROXY_CAPABILITY] }

test('a session with the capability that holds the task may, by that very claim alone', () =>
  on(request(), async (_fleet, a) => {
    await joined(a, ABLE)
    const mine = await claimed(a)
    const world = await openWorld(a.box)()
    assert.equal([...world.registry.keys()], ['search'])
    assert.equal(await world.standing(mine), { holds: true, refusal: undefined })
    const strange = { ...mine, claim: 'b'.repeat(40) as Claimed['claim'] }
    for (const other of [strange, { ...mine, session: toSessionName('ben') }, { ...mine, task: keyOf('T2') }]) {
      assert.equal(await world.standing(other), { holds: false, refusal: undefined })
      assert.is(world.claimKey(other), undefined)
    }
    assert.is(world.claimKey(mine), await a.box.keys.publicKey(ada))
  }))

test('a claim that is over is over when the reading is two seconds old', () =>
  on(request(), async (fleet, a) => {
    await joined(a, ABLE)
    const mine = await claimed(a)
    const world = openWorld(a.box)
    assert.is((await (await world()).standing(mine)).holds, true)
    assert.is(await release(a, ada), 'released T1')
    fleet.clock.advance(1_900)
    assert.is((await (await world()).standing(mine)).holds, true)
    fleet.clock.advance(200)
    assert.is((await (await world()).standing(mine)).holds, false)
  }))

test('requests at once share one reading, and a failed one is not kept', () =>
  on(request(), async (fleet, a) => {
    const world = openWorld(a.box)
    const before = a.traffic.lists
    await Promise.all(Array.from({ length: 50 }, () => world()))
    assert.is(a.traffic.lists - before, 1)
    fleet.clock.advance(10_000)
    a.traffic.beforeList = async () => {
      throw new Error('no authority')
    }
    assert.is(
      await world().then(
        () => 'read',
        () => 'failed',
      ),
      'failed',
    )
    a.traffic.beforeList = undefined
    assert.ok(await world())
  }))

test('what was claimed just now is in the newest reading', () =>
  on(request(), async (fleet, a) => {
    await joined(a, ABLE)
    const world = openWorld(a.box)
    await world()
    const mine = await claimed(a)
    fleet.clock.advance(300)
    assert.is((await world()).claimKey(mine), undefined)
    assert.ok((await world('newest')).claimKey(mine))
  }))

test('who lacks the capability or is paused may not, and is told why', () =>
  on(request({ config: { proxy: [SEARCH], pausedSessions: new Map() } }), async (fleet, a) => {
    const mine = await claimed(a)
    const refusal = async () => (await (await openWorld(a.box)()).standing(mine)).refusal
    assert.is(await refusal(), `the session lacks the capability ${PROXY_CAPABILITY}`)
    await joined(a, ABLE)
    assert.is(await refusal(), undefined)
    await fleet.edit((text) => `${text}pausedSessions: {${ada}: lunch}\n`, { file: '.if-board/config.yml' })
    assert.is(await refusal(), 'the session is paused')
  }))

test('a policy may forbid the action call', () => {
  const policy = 'forbid(principal, action == Action::"call", resource) when { resource.id == "T1" };\n'
  const files = { '.if-board/policies/call.cedar': policy }
  return on(request({ files }), async (_fleet, a) => {
    const clone = { ...a, box: { ...a.box, policies: cedarEngine() } }
    await joined(clone, ABLE)
    const mine = await claimed(clone)
    assert.match((await (await openWorld(clone.box)()).standing(mine)).refusal ?? '', /^a policy refuses: /)
  })
})

test.run()
