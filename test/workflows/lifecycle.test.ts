import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { note, pause, resume, revoke, unblock } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { next } from '../../src/workflows/next.ts'
import { readPending } from '../../src/workflows/pending.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, end, fail, release, settle, standing } from '../support/acts.ts'
import { boardOf, type Clone, cell, claimRefOf, fleet, keyOf, names, retype, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const _MINUTE = 60_000

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
    const [fact] = (await readPending(b.box, s2)).facts
    assert.is(fact?.type, 'lost')
    await claim(b, s2, 'T2')
    assert.equal((await readPending(b.box, s2)).facts, [])
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
    assert.equal((await readPending(a.box, s1)).facts, [])
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
    assert.equal((await readPending(a.box, s2)).facts, [])
  }))

test('a busy authority is asked three times, then it is busy; never lost', () =>
  on(boardOf(['T1']), async (_fleet, a) => {
    a.traffic.beforePush = async () => ({ kind: 'busy', reason: 'a ref is locked' })
    assert.is(await codeOf(ask(a, s1)), 'authority/busy')
    assert.is(a.traffic.pushes, 3)
    assert.equal((await readPending(a.box, s1)).facts, [])
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

test.run()
