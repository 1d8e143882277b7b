import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName } from '../../src/model/index.ts'
import { note, pause, renew, resume, revoke, unblock } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { next } from '../../src/workflows/next.ts'
import { pendingFacts } from '../../src/workflows/pending.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, end, fail, release, settle, standing } from '../support/acts.ts'
import {
  boardOf,
  type Clone,
  cell,
  claimRefOf,
  type Fleet,
  type FleetKind,
  type FleetRequest,
  fleet,
  keyOf,
  names,
  retype,
  sessionRefOf,
} from '../support/fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const MINUTE = 60_000

/** One fleet, some clones, closed whatever happens. */
async function on(
  request: FleetRequest | string,
  work: (fleet: Fleet, ...clones: Clone[]) => Promise<void>,
  kind: FleetKind = 'memory',
): Promise<void> {
  const one = await fleet(typeof request === 'string' ? { kind, board: request } : request)
  try {
    const clones = await Promise.all(Array.from({ length: work.length - 1 }, () => one.clone()))
    await work(one, ...clones)
  } finally {
    await one.close()
  }
}

const two = boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'])

for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as const)
  test(`one task from next to a folded board, on ${kind}`, () =>
    on(
      two,
      async (fleet, a) => {
        assert.is(await ask(a, s1), 'granted T1')
        assert.is(await ask(a, s1), 'held T1')
        assert.is(await ask(a, s2), 'none')
        assert.is(await done(a, s1), 'completed T1')
        assert.is(await done(a, s1, 'T1'), 'completed T1 by session-1')
        assert.is(await ask(a, s2), 'granted T2')
        assert.is((await fold(a.box, s2)).kind, 'folded')
        const text = await fleet.text()
        assert.is(cell(text, 'T1'), 'COMPLETED')
        assert.is(cell(text, 'T2'), 'CLAIMED (session-2)')
        assert.is(await fleet.claimOf('T1'), undefined)
        assert.is(await done(a, s1, 'T1'), 'completed T1 by session-1')
        assert.is(await done(a, s2, 'T1'), 'already-settled T1 by session-1')
      },
      kind,
    ))

test('next is idempotent: however often it is asked, one claim and one object', () =>
  on(two, async (fleet, a) => {
    await ask(a, s1)
    const held = await fleet.claimOf('T1')
    for (let times = 0; times < 5; times += 1) assert.is(await ask(a, s1), 'held T1')
    assert.is(await fleet.claimOf('T1'), held)
    assert.is(a.traffic.pushes, 1)
  }))

test('a peek claims nothing', () =>
  on(two, async (fleet, a) => {
    const outcome = await next(a.box, { session: s1, peek: true })
    assert.is(outcome.kind === 'granted' && outcome.peek, true)
    assert.is(a.traffic.pushes, 0)
    assert.is(await fleet.claimOf('T1'), undefined)
  }))

for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as const) {
  test(`two processes of one session at once: one task, one chain, on ${kind}`, () =>
    on(
      boardOf(['T1'], ['T2'], ['T3']),
      async (fleet, a, b) => {
        const first = kind.startsWith('memory') || kind === 'remote' ? [a, b] : [a, a]
        const answers = await Promise.all(first.map((clone) => ask(clone, s1)))
        const ids = new Set(answers.map((answer) => answer.split(' ')[1]))
        assert.is(ids.size, 1, answers.join())
        const claims = [...(await fleet.refs()).keys()].filter((ref) => ref.startsWith('refs/if-board/c/'))
        assert.is(claims.length, 1)
        const { snapshot } = await read(a.box)
        assert.is(snapshot.sessions.get(s1)?.record.last?.event.sequence, 1)
      },
      kind,
    ))

  test(`many sessions race for one task: exactly one wins, on ${kind}`, async () => {
    const one = await fleet({ kind, board: boardOf(['T1']) })
    try {
      const sessions = names(kind === 'remote' || kind === 'local' ? 4 : 16)
      const clones = await Promise.all(sessions.map(() => one.clone()))
      const answers = await Promise.all(sessions.map((session, at) => claim(clones[at] as Clone, session, 'T1')))
      assert.is(answers.filter((answer) => answer === 'granted T1').length, 1, answers.join())
      const winner = sessions[answers.indexOf('granted T1')]
      for (const answer of answers) if (answer !== 'granted T1') assert.is(answer, `lost T1 to ${winner}`)
    } finally {
      await one.close()
    }
  })
}

test('a race that was lost is a fact of the loser’s chain, and rides in its next push', () =>
  on(boardOf(['T1'], ['T2']), async (_fleet, a, b) => {
    await claim(a, s1, 'T1')
    assert.is(await claim(b, s2, 'T1'), 'lost T1 to session-1')
    const [fact] = await pendingFacts(b.box, s2)
    assert.is(fact?.type, 'lost')
    await claim(b, s2, 'T2')
    assert.equal(await pendingFacts(b.box, s2), [])
    const { snapshot } = await read(b.box)
    assert.is(snapshot.sessions.get(s2)?.record.last?.event.sequence, 2)
  }))

test('an edit of the board under a claim is no lost race: the same task is asked for again', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    let edits = 0
    a.traffic.beforePush = async () => {
      edits += 1
      if (edits <= 2) await fleet.edit((text) => `${text}\nEdit ${edits}\n`)
      return undefined
    }
    assert.is(await claim(a, s1, 'T1'), 'granted T1')
    assert.is(a.traffic.pushes, 3)
    assert.equal(await pendingFacts(a.box, s1), [])
  }))

test('a beat of the same session under a claim is no lost race either', () =>
  on(boardOf(['T1'], ['T2']), async (_fleet, a, b) => {
    await ask(b, s2)
    await release(b, s2)
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      const { beat } = await import('../../src/workflows/publish.ts')
      await beat(b.box, await read(b.box), s2)
      return undefined
    }
    assert.is(await claim(a, s2, 'T2'), 'granted T2')
    assert.equal(await pendingFacts(a.box, s2), [])
  }))

test('a busy authority is asked three times, then it is busy; never lost', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    a.traffic.beforePush = async () => ({ kind: 'busy', reason: 'a ref is locked' })
    assert.is(await codeOf(ask(a, s1)), 'authority/busy')
    assert.is(a.traffic.pushes, 3)
    assert.equal(await pendingFacts(a.box, s1), [])
  }))

test('a push that landed although its answer was lost is found by reading: held, once', () =>
  on(boardOf(['T1'], ['T2']), async (_fleet, a) => {
    a.traffic.afterPush = async () => {
      a.traffic.afterPush = undefined
      throw new Error('the connection broke')
    }
    await ask(a, s1).catch(() => undefined)
    assert.is(await ask(a, s1), 'held T1')
    assert.is(a.traffic.pushes, 1)
  }))

test('an answer of busy for a push that landed is a win, found by reading', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    const { refs } = a.box
    const lying = {
      ...refs,
      moveAll: async (...args: Parameters<typeof refs.moveAll>) => {
        await refs.moveAll(...args)
        return { kind: 'busy', reason: 'who knows' } as const
      },
    }
    const box = { ...a.box, refs: lying }
    assert.is((await next(box, { session: s1 })).kind, 'granted')
    assert.is(a.traffic.pushes, 1)
  }))

test('done without an id: none held and several held are errors that say so', () =>
  on({ kind: 'memory', board: boardOf(['T1'], ['T2']), config: { maxTasks: 2 } }, async (_fleet, a) => {
    assert.is(await codeOf(done(a, s1)), 'claim/none-held')
    await ask(a, s1)
    assert.is(await claim(a, s1, 'T2'), 'granted T2')
    assert.is(await codeOf(done(a, s1)), 'claim/several-held')
    assert.is(await done(a, s1, 'T2'), 'completed T2')
    assert.is(await done(a, s1), 'completed T1')
  }))

test('a claim beyond maxTasks is refused with its rule', () =>
  on(boardOf(['T1'], ['T2']), async (_fleet, a) => {
    await ask(a, s1)
    assert.is(await claim(a, s1, 'T2'), 'refused max-tasks')
  }))

test('a cap on live claims holds, also when two ask at once', () =>
  on({ kind: 'memory', board: boardOf(['T1'], ['T2']), config: { maxClaims: 1 } }, async (fleet, a, b) => {
    const answers = await Promise.all([codeOf(claim(a, s1, 'T1')), codeOf(claim(b, s2, 'T2'))]).then(String)
    const live = [...(await fleet.refs()).keys()].filter((ref) => ref.startsWith('refs/if-board/c/'))
    assert.is(live.length, answers.split('granted').length - 1)
    assert.ok(live.length <= 1, answers)
    await codeOf(ask(a, s1))
    await codeOf(ask(b, s2))
    assert.is((await read(a.box)).claims.length, 1)
  }))

test('unknown tasks and tasks that are not ready', () =>
  on(two, async (_fleet, a) => {
    assert.is(await codeOf(claim(a, s1, 'T9')), 'task/unknown')
    assert.is(await claim(a, s1, 'T2'), 'none')
    assert.is(await codeOf(done(a, s1, 'T1')), 'claim/none-held')
  }))

test('release gives the task back, to anybody', () =>
  on(boardOf(['T1']), async (_fleet, a, b) => {
    await ask(a, s1)
    assert.is(await release(a, s1), 'released T1')
    assert.is(await ask(b, s2), 'granted T1')
    assert.is(await release(b, s2), 'released T1')
    assert.is(await ask(b, s2), 'granted T1')
  }))

test('a failed task is not offered to the same session until another has tried it', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    await ask(a, s1)
    assert.is(await fail(a, s1), 'failed T1')
    assert.is(await ask(a, s1), 'none')
    assert.is(await ask(a, s2), 'granted T1')
    await release(a, s2)
    assert.is(await ask(a, s1), 'granted T1')
    const outcome = await next(a.box, { session: s1 })
    assert.is(outcome.kind === 'held' && outcome.card.failures, 1)
  }))

test('epochs count every grant, over releases, folds and sweeps', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    const epoch = async () => (await read(a.box)).claims.find(({ key }) => key === keyOf('T1'))?.epoch
    for (const expected of [1, 2]) {
      await claim(a, s1, 'T1')
      assert.is(await epoch(), expected)
      await release(a, s1)
    }
    await claim(a, s1, 'T1')
    await done(a, s1)
    await settle(a, s1)
    assert.is(await fleet.claimOf('T1'), undefined)
    assert.is((await fleet.state('T1'))?.grants, 3)
    await fleet.edit(retype('T1', 'AVAILABLE'))
    assert.is(await claim(a, s2, 'T1'), 'granted T1')
    assert.is(await epoch(), 4)
  }))

test('failures are counted over sweeps too', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1)
    await fail(a, s1)
    await fleet.edit(retype('T1', 'COMPLETED'))
    await settle(a, s1)
    assert.is(await fleet.claimOf('T1'), undefined)
    assert.is((await fleet.state('T1'))?.failures, 1)
  }))

test('block gives the task back and writes what it waits for, in one push; unblock lifts it', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1)
    const before = a.traffic.pushes
    assert.is(await end(a, s1, { kind: 'blocked', blocker: 'the vendor | key' }), 'blocked T1')
    assert.is(a.traffic.pushes, before + 1)
    assert.equal(
      a.traffic.log.at(-1)?.map(({ ref }) => ref),
      ['refs/heads/if-board/main', sessionRefOf('session-1'), claimRefOf('T1')],
    )
    const [view] = (await read(a.box)).snapshot.views.values()
    assert.is(view?.status, 'blocked')
    assert.equal(
      view?.task.externalBlockers.map(({ text }) => text),
      ['the vendor | key'],
    )
    assert.is(await ask(a, s2), 'none')
    assert.is((await unblock(a.box, 'T1', 'Ada')).kind, 'unblocked')
    assert.is((await unblock(a.box, 'T1', 'Ada')).kind, 'unchanged')
    assert.match((await fleet.text()) ?? '', '| T1 | Do T1 | AVAILABLE | None |')
    assert.is(await ask(a, s2), 'granted T1')
  }))

test('a paused task is not offered, its holder is named, and resume offers it again', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    await ask(a, s1)
    const paused = await pause(a.box, { target: 'T1', reason: 'wait', now: false, author: s2 })
    assert.equal(paused, { kind: 'paused', what: 'T1', holders: [s1] })
    assert.is(await standing(a), 'T1 paused by session-1')
    const told = await next(a.box, { session: s1 })
    assert.ok(told.kind === 'held' && told.card.changes.some((change) => change.includes('set it aside')))
    await release(a, s1)
    assert.is(await ask(a, s2), 'none')
    await resume(a.box, { target: 'T1', reason: undefined, now: false, author: s2 })
    assert.is(await ask(a, s2), 'granted T1')
  }))

test('a holder may finish what was paused meanwhile', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1)
    await pause(a.box, { target: 'T1', reason: 'wait', now: false, author: s2 })
    assert.is(await done(a, s1), 'completed T1')
    await settle(a, s1)
    assert.match(cell(await fleet.text(), 'T1') ?? '', /^COMPLETED/)
  }))

test('pause --now takes the claim back, and its holder is told by whom', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    await ask(a, s1)
    await pause(a.box, { target: 'T1', reason: 'stop', now: true, author: s2 })
    assert.is(await standing(a), 'T1 paused')
    assert.is(await done(a, s1, 'T1'), 'lost T1 to session-2')
  }))

test('a paused board offers nothing, and a paused session is refused', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    await ask(a, s1)
    await release(a, s1)
    await pause(a.box, { target: undefined, reason: 'holidays', now: false, author: s2 })
    assert.is(await ask(a, s1), 'none')
    await resume(a.box, { target: undefined, reason: undefined, now: false, author: s2 })
    await pause(a.box, { target: 'session-1', reason: 'tired', now: false, author: s2 })
    assert.is(await ask(a, s1), 'refused session-paused')
    assert.is(await ask(a, s2), 'granted T1')
    await resume(a.box, { target: 'session-1', reason: undefined, now: false, author: s2 })
    assert.is(await ask(a, s1), 'none')
  }))

test('release --of takes one session’s claims back; its late done is lost to who did it', () =>
  on({ kind: 'memory', board: boardOf(['T1'], ['T2']), config: { maxTasks: 2 } }, async (_fleet, a) => {
    await ask(a, s1)
    await claim(a, s1, 'T2')
    const taken = await revoke(a.box, { by: s2, from: s1, task: undefined, reason: 'silent' })
    assert.equal([...taken].sort(), [keyOf('T1'), keyOf('T2')])
    assert.is(await done(a, s1, 'T1'), 'lost T1 to session-2')
    assert.is(await ask(a, s3), 'granted T1')
    assert.is(await done(a, s1, 'T1'), 'lost T1 to session-3')
  }))

test('a note stands on the chain and moves no claim', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1)
    const held = await fleet.claimOf('T1')
    await note(a.box, s1, 'T1', 'half way')
    assert.is(await fleet.claimOf('T1'), held)
    const { last } = (await read(a.box)).snapshot.sessions.get(s1)?.record ?? {}
    assert.is(last?.event.type, 'if-board.note')
    assert.is(await done(a, s1), 'completed T1')
  }))

test('a silent holder loses the task after exactly its lease, to an observer who saw it all the time', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    assert.is(await claim(b, s2, 'T1'), 'lost T1 to session-1')
    fleet.clock.advance(10 * MINUTE - 1)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(1)
    assert.is(await ask(b, s2), 'granted T1')
    assert.is(await done(a, s1, 'T1'), 'lost T1 to session-2')
    const claims = (await read(b.box)).claims
    assert.equal(
      claims.map(({ epoch, event }) => `${event.type} ${epoch} from ${event.data.from}`),
      ['if-board.steal 2 from session-1'],
    )
    assert.is(await done(b, s2), 'completed T1')
  }))

test('a done that comes after a steal is logged with its evidence, and changes nothing', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await claim(b, s2, 'T1')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await claim(b, s2, 'T1'), 'granted T1')
    const held = await fleet.claimOf('T1')
    assert.is(await done(a, s1, 'T1', { branch: 'late-work' }), 'lost T1 to session-2')
    assert.is(await fleet.claimOf('T1'), held)
    const [fact] = await pendingFacts(a.box, s1)
    assert.equal(fact?.data.evidence, { branch: 'late-work' })
    assert.is(await claim(a, s1, 'T2'), 'granted T2')
    assert.equal(await pendingFacts(a.box, s1), [])
  }))

test('an observer that comes late must watch for the whole lease itself', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    fleet.clock.advance(60 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s2), 'granted T1')
  }))

test('a sign of life keeps the task, and so does a reboot or a jump of the observer’s clock', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await ask(b, s2)
    fleet.clock.advance(9 * MINUTE)
    assert.equal(await renew(a.box, s1), [keyOf('T1')])
    fleet.clock.advance(9 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.reboot()
    fleet.clock.advance(9 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.setWall(fleet.clock.now().wallMs + 600 * MINUTE)
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s2), 'granted T1')
  }))

test('an expired claim that nobody stole completes normally', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1, 10)
    fleet.clock.advance(600 * MINUTE)
    assert.is(await done(a, s1), 'completed T1')
  }))

test('next beats at most once per quarter of the lease, and a beat is no event', () =>
  on(boardOf(['T1']), async (fleet, a) => {
    await ask(a, s1, 20)
    for (let minute = 0; minute < 5; minute += 1) await ask(a, s1)
    assert.is(a.traffic.pushes, 1)
    fleet.clock.advance(5 * MINUTE)
    await ask(a, s1)
    await ask(a, s1)
    assert.is(a.traffic.pushes, 2)
    const { record } = (await read(a.box)).snapshot.sessions.get(s1) ?? {}
    assert.is(record?.last?.event.sequence, 1)
    assert.ok(record?.beat)
    assert.is(await done(a, s1), 'completed T1')
  }))

test('an idle poller beats too, so that others count it in', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1)
    assert.is(await ask(b, s2), 'none')
    assert.ok((await fleet.refs()).has(sessionRefOf('session-2')))
    assert.ok((await read(a.box)).snapshot.sessions.get(s2)?.active)
  }))

test('a granted next on a remote costs a fetch, a push and a fetch', () =>
  on(
    boardOf(['T1']),
    async (_fleet, a) => {
      await ask(a, s1)
      assert.equal([a.traffic.lists, a.traffic.pushes], [2, 1])
    },
    'remote',
  ))

test('a granted next on a local authority costs one look and one transaction', () =>
  on(
    boardOf(['T1']),
    async (_fleet, a) => {
      await ask(a, s1)
      assert.equal([a.traffic.lists, a.traffic.pushes], [1, 1])
    },
    'local',
  ))

test('idle sessions divide the ranking: three that ask after each other’s beats lose no race', () =>
  on(boardOf(['T1'], ['T2'], ['T3']), async (_fleet, a, b, c) => {
    const { beat } = await import('../../src/workflows/publish.ts')
    const fleetOf = [
      [a, s1],
      [b, s2],
      [c, s3],
    ] as const
    for (const [clone, session] of fleetOf) await beat(clone.box, await read(clone.box), session)
    const answers = await Promise.all(fleetOf.map(([clone, session]) => ask(clone, session)))
    assert.equal(answers, ['granted T1', 'granted T2', 'granted T3'])
    assert.equal(
      fleetOf.map(([clone]) => clone.traffic.pushes),
      [2, 2, 2],
    )
  }))

const commit = 'c'.repeat(40) as ObjectId

test('doneWhen merged: in review until the base branch contains the commit, then done for its session', () =>
  on({ kind: 'memory', board: two, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (fleet, a, b) => {
    await ask(a, s1)
    assert.is(await done(a, s1, undefined, { commit, branch: 'work' }), 'completed T1 (review)')
    assert.is(await done(a, s1, 'T1'), 'completed T1 by session-1 (review)')
    assert.is(await ask(b, s2), 'none')
    await settle(b, s2)
    assert.is(cell(await fleet.text(), 'T1'), 'REVIEW')
    b.merged = new Set()
    await settle(b, s2)
    assert.is(await standing(a), 'T1 review by session-1, T2 blocked')
    b.merged.add(commit)
    assert.is((await fold(b.box, s2)).kind, 'folded')
    assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
    const state = await fleet.state('T1')
    assert.is(state?.done?.by, s1)
    assert.is(state?.done?.commit, commit)
    assert.is(await ask(b, s2), 'granted T2')
  }))

test('doneWhen merged: a clone that does not know the base branch leaves reviews alone', () =>
  on({ kind: 'memory', board: two, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (_fleet, a) => {
    await ask(a, s1)
    await done(a, s1, undefined, { commit })
    await settle(a, s1)
    assert.is(await standing(a), 'T1 review by session-1, T2 blocked')
  }))

test('doneWhen merged: two that notice the merge at once promote it once', () =>
  on({ kind: 'memory', board: two, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (fleet, a, b) => {
    await ask(a, s1)
    await done(a, s1, undefined, { commit })
    a.merged = new Set([commit])
    b.merged = new Set([commit])
    await Promise.all([fold(a.box, s1), fold(b.box, s2)])
    await settle(a, s1)
    assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
    assert.is((await fleet.state('T1'))?.done?.by, s1)
  }))

test('a claim whose row is gone is an orphan: its done is accepted and kept, its ref never swept', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    await claim(a, s1, 'T1')
    await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
    assert.equal(
      (await read(a.box)).snapshot.orphans.map(({ key }) => key),
      [keyOf('T1')],
    )
    await settle(a, s2)
    assert.ok(await fleet.claimOf('T1'))
    assert.is(await done(a, s1), 'completed T1')
    await settle(a, s2)
    assert.ok(await fleet.claimOf('T1'))
  }))

test('a claim follows its row to another board, or to the only new row with its title', () =>
  on(
    {
      kind: 'memory',
      board: boardOf(['T1'], ['T2']),
      files: { 'boards/b.md': boardOf(['X1']) },
      config: { boards: ['TASK-BOARD.md', 'boards/*.md'] },
    },
    async (fleet, a) => {
      await claim(a, s1, 'T1')
      await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
      await fleet.edit(() => boardOf(['X1'], ['T1']), { file: 'boards/b.md' })
      assert.is(await standing(a), 'T2 ready, X1 ready, T1 claimed by session-1')
      assert.is(await ask(a, s1), 'held T1')
      await fleet.edit((text) => text.replace('| T1 | Do T1 |', '| T9 | Do T1 |'), { file: 'boards/b.md' })
      assert.is(await standing(a), 'T2 ready, X1 ready, T9 claimed by session-1')
      assert.is(await done(a, s1), 'completed T9')
      await settle(a, s1)
      assert.is(cell(await fleet.text('boards/b.md'), 'T9'), 'COMPLETED')
      assert.is(await fleet.claimOf('T1'), undefined)
    },
  ))

test('a renamed row can be stolen under its old key', () =>
  on(boardOf(['T1']), async (fleet, a, b) => {
    await ask(a, s1, 10)
    await fleet.edit((text) => text.replace('| T1 |', '| T9 |'))
    assert.is(await ask(b, s2), 'none')
    fleet.clock.advance(10 * MINUTE)
    assert.is(await ask(b, s2), 'granted T9')
    assert.is(await done(b, s2), 'completed T9')
  }))

test('a row with an orphan’s id is not offered', () =>
  on(
    {
      kind: 'memory',
      board: boardOf(['T1'], ['T2']),
      files: { 'boards/b.md': boardOf(['X1']), 'boards/c.md': boardOf(['X2']) },
      config: { boards: ['TASK-BOARD.md', 'boards/*.md'] },
    },
    async (fleet, a) => {
      await claim(a, s1, 'T1')
      await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
      await fleet.edit(() => boardOf(['X1'], ['T1']), { file: 'boards/b.md' })
      await fleet.edit(() => boardOf(['X2'], ['T1']), { file: 'boards/c.md' })
      assert.is(await standing(a), 'T2 ready, X1 ready, T1 claimed by session-1, X2 ready, T1 claimed by session-1')
    },
  ))

test('a claim on a remote that finds the task settled by its second read is withdrawn', () =>
  on(
    boardOf(['T1'], ['T2']),
    async (fleet, a) => {
      a.traffic.beforePush = async () => {
        a.traffic.beforePush = undefined
        await fleet.edit(retype('T1', 'COMPLETED'))
        return undefined
      }
      assert.is(await ask(a, s1), 'granted T2')
      assert.is(await fleet.claimOf('T1'), undefined)
      assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 3)
    },
    'memory-remote',
  ))

test('a withdrawal that is overtaken is tried again', () =>
  on(
    boardOf(['T1']),
    async (fleet, a) => {
      let pushes = 0
      a.traffic.beforePush = async () => {
        pushes += 1
        if (pushes === 1) await fleet.edit(retype('T1', 'ON HOLD'))
        return pushes === 2 ? { kind: 'busy', reason: 'a ref is locked' } : undefined
      }
      assert.is(await ask(a, s1), 'none')
      assert.is(await fleet.claimOf('T1'), undefined)
    },
    'memory-remote',
  ))

test('a second read that fails keeps the claim, and the next next confirms it', () =>
  on(
    boardOf(['T1']),
    async (fleet, a) => {
      a.traffic.afterPush = async () => {
        a.traffic.afterPush = undefined
        a.traffic.beforeList = async () => {
          a.traffic.beforeList = undefined
          throw new Error('no answer')
        }
      }
      assert.is(await codeOf(ask(a, s1)), 'authority/unreachable')
      assert.ok(await fleet.claimOf('T1'))
      assert.is(await ask(a, s1), 'held T1')
    },
    'memory-remote',
  ))

test('a claim ref that holds something else is never offered and never fails the board', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    await fleet.force(claimRefOf('T1'), await fleet.head())
    assert.is(await standing(a), 'T1 unknown, T2 ready')
    assert.is(await ask(a, s1), 'granted T2')
    assert.is(await claim(a, s2, 'T1'), 'none')
  }))

test('the claim of one task under another task’s ref says nothing about either', () =>
  on(boardOf(['T1'], ['T2']), async (fleet, a) => {
    await claim(a, s1, 'T1')
    await fleet.force(claimRefOf('T2'), await fleet.claimOf('T1'))
    assert.is(await standing(a), 'T1 claimed by session-1, T2 unknown')
  }))

test.run()
