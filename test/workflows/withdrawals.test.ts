/** Grants that landed and may not stand: found by the check after them, or by the next command that asks. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, fail, release, settle, standing } from '../support/acts.ts'
import { boardOf, type Clone, type Fleet, type FleetKind, names, retype } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { sealedEvents } from '../support/witnessed.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const remotes: readonly FleetKind[] = ['memory-remote', 'remote']
const pauseBoard = (text: string) => text.replace('# Board', '# Board\n\n**Paused:** freeze')

/** At this clone's next push, before it arrives: a person pushes this edit. */
function editUnderPush(fleet: Fleet, clone: Clone, change: (text: string) => string): void {
  clone.traffic.beforePush = async () => {
    clone.traffic.beforePush = undefined
    await fleet.edit(change)
    return undefined
  }
}

/** The next push of this clone lands, and nothing is heard from the authority for a while after. */
function breakOffAfterPush(clone: Clone): void {
  clone.traffic.afterPush = async () => {
    clone.traffic.afterPush = undefined
    clone.traffic.beforeList = async () => {
      throw new Error('no answer')
    }
  }
}

const reconnect = ({ traffic }: Clone): void => {
  traffic.beforeList = undefined
}

async function claimsOf(clone: Clone) {
  return (await read(clone.box)).claims.map(({ kind, epoch, failures }) => `${kind} ${epoch} ${failures}`)
}

for (const kind of remotes) {
  test(`a claim that is withdrawn keeps grants, failures and who failed, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['Z']),
      async (fleet, a) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        assert.is(await fail(a, s1), 'failed P1')
        editUnderPush(fleet, a, pauseBoard)
        assert.is(await codeOf(claim(a, s2, 'P1')), 'none')
        assert.equal(await claimsOf(a), ['returned 2 1'])
        await fleet.edit((text) => text.replace('\n\n**Paused:** freeze', ''))
        // Nobody has tried it since s1 failed: it is still not for s1.
        assert.is(await ask(a, s1), 'granted Z')
        assert.is(await claim(a, s2, 'P1'), 'granted P1')
        assert.ok((await claimsOf(a)).includes('granted 3 1'))
      },
      kind,
    ))

  test(`a claim of a free task that is withdrawn leaves no ref, and both events are sealed, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['Z']),
      async (fleet, a) => {
        editUnderPush(fleet, a, retype('P1', 'ON HOLD'))
        assert.is(await ask(a, s1), 'granted Z')
        assert.is(await fleet.claimOf('P1'), undefined)
        await settle(a, s3)
        assert.equal(await sealedEvents(a), ['session-1#1 claim', 'session-1#2 withdraw', 'session-1#3 claim'])
      },
      kind,
    ))

  test(`a claim whose check failed is checked by the next command, and withdrawn where it must not be, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['Z', 'AVAILABLE', 'None']),
      async (fleet, a) => {
        editUnderPush(fleet, a, (text) =>
          text.replace('| Z | Do Z | AVAILABLE | None |', '| Z | Do Z | AVAILABLE | P1 |'),
        )
        breakOffAfterPush(a)
        assert.is(await codeOf(claim(a, s1, 'Z')), 'authority/unreachable')
        reconnect(a)
        assert.is(await ask(a, s1), 'granted P1')
        assert.is(await standing(a), 'P1 claimed by session-1, Z blocked')
        assert.is(await fleet.claimOf('Z'), undefined)
      },
      kind,
    ))

  test(`a claim whose check failed and that may be stays, and is checked once, on ${kind}`, () =>
    on(
      boardOf(['P1'], ['Z']),
      async (fleet, a) => {
        breakOffAfterPush(a)
        assert.is(await codeOf(claim(a, s1, 'Z')), 'authority/unreachable')
        reconnect(a)
        assert.is(await ask(a, s1), 'held Z')
        // Blocked later, by a person who saw it claimed: its holder may finish.
        await fleet.edit((text) => text.replace('| Z | Do Z | AVAILABLE | None |', '| Z | Do Z | AVAILABLE | P1 |'))
        assert.is(await ask(a, s1), 'held Z')
        assert.is(await done(a, s1), 'completed Z')
      },
      kind,
    ))
}

test('a claim above a cap whose check failed is withdrawn by the next command', () =>
  on({ kind: 'memory', board: boardOf(['P1'], ['Z']), config: { maxClaims: 1 } }, async (fleet, a, b) => {
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      assert.is(await claim(b, s2, 'P1'), 'granted P1')
      return undefined
    }
    breakOffAfterPush(a)
    assert.is(await codeOf(claim(a, s1, 'Z')), 'authority/unreachable')
    reconnect(a)
    assert.is(await ask(a, s1), 'refused max-claims')
    assert.is(await fleet.claimOf('Z'), undefined)
    assert.is(await standing(b), 'P1 claimed by session-2, Z ready')
  }))

test('asking for a second task by name first settles what the first one owes', () =>
  on({ kind: 'memory-remote', board: boardOf(['P1'], ['Q'], ['Z']), config: { maxTasks: 2 } }, async (fleet, a) => {
    editUnderPush(fleet, a, (text) => text.replace('| Z | Do Z | AVAILABLE | None |', '| Z | Do Z | AVAILABLE | P1 |'))
    breakOffAfterPush(a)
    assert.is(await codeOf(claim(a, s1, 'Z')), 'authority/unreachable')
    reconnect(a)
    assert.is(await claim(a, s1, 'Q'), 'granted Q')
    assert.is(await ask(a, s1), 'held Q')
    assert.is(await standing(a), 'P1 ready, Q claimed by session-1, Z blocked')
  }))

test('a claim whose check failed is its session’s to give back', () =>
  on(
    boardOf(['P1']),
    async (_fleet, a, b) => {
      breakOffAfterPush(a)
      assert.is(await codeOf(ask(a, s1)), 'authority/unreachable')
      reconnect(a)
      assert.is(await release(a, s1), 'released P1')
      assert.is(await ask(b, s2), 'granted P1')
      assert.is(await ask(a, s1), 'none')
    },
    'memory-remote',
  ))

test.run()
