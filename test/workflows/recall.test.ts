/** A `done` that soon follows its claim begins with a look: what it knows by memory never decides alone. */
import { rename } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { finish } from '../../src/workflows/finish.ts'
import { beat } from '../../src/workflows/publish.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, fail, release, settle, standing } from '../support/acts.ts'
import { boardOf, type Clone, type FleetKind, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const remotes: readonly FleetKind[] = ['memory-remote', 'remote']
const two = boardOf(['P1'], ['Z'])
const MINUTE = 60_000

/** What was asked of the authority while this was done. */
async function askedFor({ traffic }: Clone, work: () => Promise<unknown>) {
  const { lists, looks, pushes } = traffic
  await work()
  return {
    fetches: traffic.lists - lists - (traffic.looks - looks),
    looks: traffic.looks - looks,
    pushes: traffic.pushes - pushes,
  }
}

/** At the next push of this clone, before it arrives. */
function underPush({ traffic }: Clone, happens: () => Promise<unknown>): void {
  traffic.beforePush = async () => {
    traffic.beforePush = undefined
    await happens()
    return undefined
  }
}

for (const kind of remotes) {
  test(`a claim that is soon ended costs a look and a push, on ${kind}`, () =>
    on(
      two,
      async (_fleet, a, b) => {
        const endings = { completed: done, failed: fail, released: release }
        for (const [word, how] of Object.entries(endings)) {
          assert.is(
            await claim(a, s1, word === 'completed' ? 'P1' : 'Z'),
            `granted ${word === 'completed' ? 'P1' : 'Z'}`,
          )
          const asked = await askedFor(a, async () => assert.match(await how(a, s1), word))
          assert.equal(asked, { fetches: 0, looks: 1, pushes: 1 }, word)
        }
        assert.match(await standing(b), /^P1 done, Z ready/)
      },
      kind,
    ))

  test(`what others do to other tasks meanwhile is nothing to it, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['P2'], ['P3']),
      async (_fleet, a, b) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        assert.is(await claim(b, s2, 'P2'), 'granted P2')
        assert.is(await done(b, s2), 'completed P2')
        const asked = await askedFor(a, async () => assert.is(await done(a, s1), 'completed P1'))
        assert.equal(asked, { fetches: 0, looks: 1, pushes: 1 })
        await settle(b, s3)
        assert.is(await standing(a), 'P1 done, P2 done, P3 ready')
      },
      kind,
    ))

  test(`a claim that is stolen between the look and the push is lost to the thief, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        assert.is(await ask(a, s1, 1), 'granted P1')
        await read(b.box)
        underPush(a, async () => {
          fleet.clock.advance(MINUTE)
          assert.is(await claim(b, s2, 'P1'), 'granted P1')
        })
        assert.is(await done(a, s1, 'P1'), 'lost P1 to session-2')
        assert.is(await standing(a), 'P1 claimed by session-2, Z ready')
      },
      kind,
    ))

  test(`a claim that was stolen before the look is lost to the thief, without a push, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        assert.is(await ask(a, s1, 1), 'granted P1')
        await read(b.box)
        fleet.clock.advance(MINUTE)
        assert.is(await claim(b, s2, 'P1'), 'granted P1')
        // The look comes however young the memory is.
        fleet.clock.setWall(fleet.clock.now().wallMs - MINUTE + 1)
        const asked = await askedFor(a, async () => assert.is(await done(a, s1, 'P1'), 'lost P1 to session-2'))
        assert.equal(asked, { fetches: 1, looks: 1, pushes: 0 })
      },
      kind,
    ))

  test(`a board that was edited since the claim is read before anything is said, on ${kind}`, () =>
    on(
      two,
      async (fleet, a) => {
        assert.is(await ask(a, s1), 'granted P1')
        await fleet.edit(retype('P1', 'COMPLETED'))
        const asked = await askedFor(a, async () =>
          assert.is(await done(a, s1, 'P1'), 'already-settled P1 by Ada Person'),
        )
        assert.equal(asked, { fetches: 1, looks: 1, pushes: 0 })
      },
      kind,
    ))

  test(`a sign of life from elsewhere since the claim costs a fetch and no wrong chain, on ${kind}`, () =>
    on(
      two,
      async (_fleet, a, b) => {
        assert.is(await ask(a, s1), 'granted P1')
        assert.is((await beat(b.box, await read(b.box), s1)).kind, 'moved')
        const asked = await askedFor(a, async () => assert.is(await done(a, s1), 'completed P1'))
        assert.equal(asked, { fetches: 1, looks: 1, pushes: 1 })
        assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 2)
      },
      kind,
    ))

  test(`its own sign of life is remembered, on ${kind}`, () =>
    on(
      two,
      async (_fleet, a) => {
        assert.is(await ask(a, s1), 'granted P1')
        assert.is((await beat(a.box, await read(a.box), s1)).kind, 'moved')
        const asked = await askedFor(a, async () => assert.is(await done(a, s1), 'completed P1'))
        assert.equal(asked, { fetches: 0, looks: 1, pushes: 1 })
        assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 2)
      },
      kind,
    ))

  test(`a task that waits for two is told as ready by the second completion, whoever made the first, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['P2'], ['P3', 'AVAILABLE', 'P1, P2']),
      async (_fleet, a, b) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        assert.is(await claim(b, s2, 'P2'), 'granted P2')
        assert.is(await done(b, s2), 'completed P2')
        const outcome = await finish(a.box, { session: s1, task: undefined }, { kind: 'completed', evidence: {} })
        assert.equal(outcome.kind === 'completed' && outcome.unblocked, ['TASK-BOARD.md:P3'])
      },
      kind,
    ))

  test(`what is only remembered is not noted as seen, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['P2']),
      async (fleet, a, b) => {
        assert.is(await claim(b, s2, 'P2'), 'granted P2')
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        const ofOther = async () =>
          ((await a.memory.read('seen')) ?? '').split('\n').filter((line) => /p2-|session-2-/.test(line))
        // Another process of this clone has seen later what this one will remember.
        assert.is(await release(b, s2), 'released P2')
        fleet.clock.advance(1000)
        await read(a.box)
        const before = await ofOther()
        assert.is(before.length, 2)
        fleet.clock.advance(1000)
        assert.equal(await askedFor(a, () => done(a, s1)), { fetches: 0, looks: 1, pushes: 1 })
        assert.equal(await ofOther(), before)
      },
      kind,
    ))

  test(`after a minute, or where the memory is damaged, it fetches at once, on ${kind}`, () =>
    on(
      two,
      async (fleet, a) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        fleet.clock.advance(MINUTE)
        assert.equal(await askedFor(a, () => done(a, s1)), { fetches: 1, looks: 0, pushes: 1 })
        assert.is(await claim(a, s1, 'Z'), 'granted Z')
        const [view] = await viewsOf(a)
        for (const text of ['', 'no time\nno ref', '1\u0000', '9'.repeat(400)]) {
          await a.memory.write(view, text)
          const asked = await askedFor(a, async () =>
            assert.is(await codeOf(done(a, s1, 'P1')), 'completed P1 by session-1'),
          )
          assert.equal(asked, { fetches: 1, looks: 0, pushes: 0 }, JSON.stringify(text))
        }
        assert.is(await done(a, s1), 'completed Z')
      },
      kind,
    ))
}

/** Name of the file in which the clone keeps what `session-1` saw. */
async function viewsOf({ box }: Clone): Promise<[string]> {
  const { refKey } = await import('../../src/model/index.ts')
  return [`view/${refKey(s1, box.sha256)}`]
}

for (const when of ['before the look', 'under the push'] as const)
  test(`an authority that is gone ${when} is unreachable, and the next done completes`, () =>
    on(
      two,
      async ({ authority = '' }, a) => {
        assert.is(await ask(a, s1), 'granted P1')
        const leave = () => rename(authority, `${authority}.gone`)
        if (when === 'before the look') await leave()
        else underPush(a, leave)
        assert.is(await codeOf(done(a, s1)), 'authority/unreachable')
        await rename(`${authority}.gone`, authority)
        assert.is(await done(a, s1), 'completed P1')
      },
      'remote',
    ))

test('an authority that guards its refs is listed: there is no look to save', () =>
  on(two, async (_fleet, a) => {
    assert.is(await ask(a, s1), 'granted P1')
    assert.equal(await askedFor(a, () => done(a, s1)), { fetches: 1, looks: 0, pushes: 1 })
  }))

test.run()
