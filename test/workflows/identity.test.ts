import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mapMemory, seededKeyRing } from '../../src/adapters/memory/local.ts'
import { type IfBoardError, toSessionName } from '../../src/model/index.ts'
import { type Asker, type Place, whoAmI, whoAmIOrNew } from '../../src/workflows/identity.ts'
import { join, joinMadeUp } from '../../src/workflows/join.ts'
import { next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { boardOf, type Fleet, fleet } from '../support/fleet.ts'

const HOUR_MS = 3_600_000

test('what is typed comes before what is set, then the tool, then the work tree', async () => {
  const { box, place, close } = await world()
  await join(box, place, terminal(), { name: 'of-worktree' })
  await join(box, place, tool('a'), { name: 'of-tool' })
  const everything = { ...tool('a'), option: 'typed', variable: 'set' }
  assert.equal(await whoAmI(box, place, everything), { session: 'typed', source: 'option' })
  assert.equal(await whoAmI(box, place, { ...everything, option: undefined }), { session: 'set', source: 'variable' })
  assert.equal(await whoAmI(box, place, tool('a')), { session: 'of-tool', source: 'tool' })
  assert.equal(await whoAmI(box, place, { ...terminal(), variable: '' }), {
    session: 'of-worktree',
    source: 'worktree',
  })
  await close()
})

test('who never joined is nobody until next makes up a name', async () => {
  const { box, place, close } = await world()
  assert.is(await whoAmI(box, place, terminal()), undefined)
  assert.equal(await take(box, place, terminal()), { session: 'host-web-1', source: 'made up' })
  assert.equal(
    await take(box, place, terminal()),
    { session: 'host-web-1', source: 'worktree' },
    'the same from then on',
  )
  assert.ok((await read(box)).snapshot.sessions.has(toSessionName('host-web-1')), 'the name is announced')
  await close()
})

test('a made-up name is no name of another clone, and the one that is slower takes the next', async () => {
  const { box, place, team, close } = await world()
  const other = await team.clone()
  assert.is((await take(other.box, makePlace(), terminal())).session, 'host-web-1')
  assert.is((await take(box, place, terminal())).session, 'host-web-2')
  const third = await team.clone()
  // Between the read and the push of the third, a fourth takes the name that the third wants.
  third.traffic.beforePush = async () => {
    third.traffic.beforePush = undefined
    await take((await team.clone()).box, makePlace(), terminal())
    return undefined
  }
  assert.is((await take(third.box, makePlace(), terminal())).session, 'host-web-4')
  await close()
})

test('two tools in one folder never become one session', async () => {
  const { box, place, close } = await world()
  await join(box, place, terminal(), { name: 'session-4' })
  assert.equal(await take(box, place, tool('a')), { session: 'session-4', source: 'tool' })
  await refuses(() => take(box, place, tool('b')), 'session/shared', /if-board join OTHER-NAME/)
  await refuses(() => whoAmI(box, place, tool('b')), 'session/shared', /./)
  await join(box, place, tool('b'), { name: 'session-5' })
  assert.is((await take(box, place, tool('b'))).session, 'session-5')
  assert.is((await take(box, place, tool('a'))).session, 'session-4', 'the first keeps its name')
  assert.is((await take(box, place, terminal())).session, 'session-4', 'a plain terminal shares the work tree’s')
  await close()
})

test('two tools that ask at the same moment become two sessions, or one is refused', async () => {
  for (const name of [undefined, 'session-4']) {
    const { box, place, close } = await world()
    if (name !== undefined) await join(box, place, terminal(), { name })
    const asked = await Promise.allSettled(['a', 'b', 'c'].map((id) => take(box, place, tool(id))))
    const names = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value.session] : []))
    assert.ok(names.length >= 1)
    assert.is(new Set(names).size, names.length, `${names}`)
    await close()
  }
})

test('a tool that has ended leaves its name to the next one', async () => {
  const { box, place, team, close } = await world()
  await join(box, place, terminal(), { name: 'session-4' })
  await take(box, place, tool('a'))
  team.clock.advance(HOUR_MS)
  assert.is((await take(box, place, tool('b'))).session, 'session-4')
  await refuses(() => take(box, place, tool('a')), 'session/shared', /./)
  await close()
})

test('a tool that works on a task in silence is alive as long as the lease of its task', async () => {
  const { box, place, team, close } = await world()
  await join(box, place, terminal(), { name: 'session-4' })
  const { session } = await take(box, place, tool('a'))
  await next(box, { session, leaseMinutes: 120 })
  await read(box)
  team.clock.advance(HOUR_MS)
  await refuses(() => take(box, place, tool('b')), 'session/shared', /./)
  team.clock.advance(2 * HOUR_MS)
  assert.is((await take(box, place, tool('b'))).session, 'session-4')
  await close()
})

test('after a boot every tool has ended', async () => {
  const { box, place, team, close } = await world()
  await join(box, place, terminal(), { name: 'session-4' })
  await take(box, place, tool('a'))
  team.clock.reboot()
  assert.is((await take(box, place, tool('b'))).session, 'session-4')
  await close()
})

test('a name is one clone’s as long as its session is alive', async () => {
  const { box, place, team, close } = await world()
  await join(box, place, terminal(), { name: 'session-4' })
  const foreign = { ...(await team.clone()).box, keys: seededKeyRing('another machine') }
  const there = makePlace()
  await refuses(() => join(foreign, there, terminal(), { name: 'session-4' }), 'session/name-taken', /OTHER-NAME/)
  await refuses(() => whoAmI(foreign, there, { ...terminal(), option: 'session-4' }), 'session/name-taken', /./)
  team.clock.advance(HOUR_MS)
  assert.is((await join(foreign, there, terminal(), { name: 'session-4' })).kind, 'joined')
  await close()
})

test('join says once what is new', async () => {
  const { box, place, close } = await world()
  const can = { name: 'session-4', capabilities: ['rust'], model: 'big', rateUsdPerHour: 1.5, budgetUsd: 20 }
  assert.equal(await join(box, place, terminal(), can), { kind: 'joined', session: 'session-4', bound: 'worktree' })
  const { data } = (await read(box)).snapshot.sessions.get(toSessionName('session-4'))?.record.last?.event ?? {}
  assert.equal(data, { capabilities: ['rust'], model: 'big', rateUsdPerHour: 1.5, budgetUsd: 20, trigger: 'cli' })
  assert.is((await join(box, place, terminal(), { name: 'session-4' })).kind, 'unchanged')
  assert.is((await join(box, place, terminal(), { name: 'session-4', model: 'small' })).kind, 'joined')
  await close()
})

test('a name that cannot be one is refused', async () => {
  const { box, place, close } = await world()
  for (const name of ['', '../x', 'a b', 'person', '-x'])
    await refuses(() => join(box, place, terminal(), { name }), 'session/invalid-name', /./)
  await close()
})

test('half a text of a process that was killed is as if nothing was known', async () => {
  const { box, place, close } = await world()
  await join(box, place, tool('a'), { name: 'session-4' })
  const key = box.sha256('tool=a').slice(0, 32)
  await box.memory.write(`tools/${key}`, '{"session":"sess')
  assert.is((await take(box, place, tool('a'))).session, 'session-4', 'the work tree still knows')
  await place.worktree.write('session', '\u0000')
  await box.memory.write(`tools/${key}`, '[]')
  assert.is((await take(box, place, tool('a'))).source, 'made up')
  await close()
})

interface IdentityWorld {
  readonly team: Fleet
  readonly box: Toolbox
  readonly place: Place
  close(): Promise<void>
}

async function world(): Promise<IdentityWorld> {
  const team = await fleet({ kind: 'memory', board: boardOf(['A'], ['B']) })
  const { box } = await team.clone()
  return { team, box, place: makePlace(), close: () => team.close() }
}

/** A work tree of one process: its lock is a queue. */
function makePlace(): Place {
  let last: Promise<unknown> = Promise.resolve()
  return {
    worktree: mapMemory(),
    exclusively: (work) => {
      const mine = last.then(work, work)
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

function terminal(): Asker {
  return { option: undefined, variable: undefined, tool: undefined, nameStem: 'host-web' }
}

function tool(id: string): Asker {
  return { ...terminal(), tool: { label: 'Tool', id: `tool=${id}` } }
}

function take(box: Toolbox, place: Place, asker: Asker) {
  return whoAmIOrNew(box, place, asker, () => joinMadeUp(box, asker))
}

async function refuses(work: () => Promise<unknown>, code: string, hint: RegExp): Promise<void> {
  try {
    await work()
  } catch (error) {
    assert.is((error as IfBoardError).code, code)
    assert.match((error as IfBoardError).hint ?? '', hint)
    return
  }
  assert.unreachable(`expected ${code}`)
}

test.run()
