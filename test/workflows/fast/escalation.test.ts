/**
 * Sessions that get in each other's way on a slow remote are taken to etcd by their watchers, and back when they are
 * gone: real git, a real etcd, nobody types anything.
 */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GIT_ALONE } from '../../../src/fast/index.ts'
import { type EscalationRules, IfBoardError, type SessionName, toSessionName } from '../../../src/model/index.ts'
import { readSamples } from '../../../src/workflows/contention.ts'
import { sightOf } from '../../../src/workflows/fast/escalate.ts'
import { finish } from '../../../src/workflows/finish.ts'
import { fold } from '../../../src/workflows/fold.ts'
import { next } from '../../../src/workflows/next.ts'
import { read } from '../../../src/workflows/read.ts'
import { startWatched, type WatchedClone } from '../../support/escalating.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { eventually, onRealClock, ownBoard } from '../../support/etcd-fleet.ts'
import { FastHistory } from '../../support/fast-history.ts'
import { putMode } from '../../support/fast-mode.ts'
import { boardOf, type Clone, type Fleet, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { entriesOf } from '../../support/sealed-entries.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

const test = suite<{ server: EtcdServer }>('up and down by itself')
const noEtcd = whyNoEtcd()
const sessions = names(4)
const board = boardOf(...Array.from({ length: 400 }, (_, at) => [`T${at + 1}`] as const))
/** In seconds what is minutes for a fleet; the way down is longer than what a busy machine may stand still. */
const escalation: EscalationRules = {
  up: { claims: 6, minutes: 0.5, lostPercent: 40, waitSeconds: 0.4 },
  down: { claimsPerMinute: 5, minutes: 0.4 },
  leastMinutes: 0.05,
}
const PATIENCE_MS = 120_000
/** What is held is finished until then, unless nobody lets it. */
const LAST_MS = 15_000

/** Every push waits, as at a server that is far away and busy. */
async function slow({ authority }: Fleet): Promise<void> {
  const hook = join(authority ?? '', 'hooks', 'pre-receive')
  await writeFile(hook, '#!/bin/sh\nsleep 0.4\n')
  await chmod(hook, 0o755)
}

/** A short mode lease, so that the way down is short; as after an earlier turn of the rule. */
const begin = (clone: Clone) => putMode(clone, { ...GIT_ALONE, leaseMs: 2000, by: 'quiet' })
const modeOf = async ({ box }: Clone) => (await read(box)).mode

class Crowd {
  readonly history = new FastHistory()
  readonly done: string[] = []
  readonly #working: Promise<void>
  #isOver = false

  constructor(watched: WatchedClone, crowd: readonly SessionName[]) {
    this.#working = Promise.all(crowd.map((session) => this.#work(watched, session))).then(() => undefined)
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.race([this.#working, sleep(LAST_MS, undefined, { ref: false })])
    this.#held.clear()
    await this.#working
  }

  /** Takes and completes; what cannot be asked now is asked again, as a session would. */
  async #work(watched: WatchedClone, session: SessionName): Promise<void> {
    while (!this.#isOver || this.#held.has(session)) {
      try {
        await this.#step(watched, session)
      } catch (error) {
        if (!(error instanceof IfBoardError)) throw error
        await sleep(200)
      }
    }
  }

  readonly #held = new Map<SessionName, FastHistory['beliefs'][number]>()

  async #step(watched: WatchedClone, session: SessionName): Promise<void> {
    const { box } = watched.now()
    const asked = performance.now()
    const belief = this.#held.get(session)
    if (belief === undefined) {
      const got = await next(box, { session })
      if (got.kind !== 'granted' && got.kind !== 'held') return
      const { task, claim } = got.card
      const from = performance.now()
      const token = { nonce: String(claim?.oid), epoch: claim?.epoch ?? 0, revision: 0 }
      this.#held.set(session, { task: task.key, session, ...token, asked, from, until: from })
      return
    }
    // From when `done` is sent the task may be over.
    belief.until = asked
    const { kind } = await finish(box, { session, task: belief.task }, { kind: 'completed', evidence: {} })
    this.#held.delete(session)
    if (kind !== 'completed') return
    this.history.beliefs.push(belief)
    this.done.push(belief.task)
  }
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing goes to etcd by itself`)
  test.skip('up and down on a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('a crowd on a slow remote goes to etcd once, works on there, and back to git once when it is gone', ({
    server,
  }) =>
    on({ kind: 'remote', board, config: { ...ownBoard(), escalation } }, async (fleet, one, two) => {
      // One clock for all: a watcher that saw another one go back would count from the start.
      const [a, b] = [one, two].map((clone) => onRealClock(clone as Clone)) as [Clone, Clone]
      await begin(a)
      await slow(fleet)
      const { path } = server
      const watched = startWatched(a, { path, folder: toSessionName('watcher-a') })
      const other = startWatched(b, { path, folder: toSessionName('watcher-b') })
      const crowd = new Crowd(watched, sessions)
      try {
        const isUp = async () => (await modeOf(a)).mode === 'etcd'
        assert.ok(await eventually(isUp, PATIENCE_MS), `no way up: ${JSON.stringify(watched.sight)}`)
        const before = crowd.done.length
        assert.ok(await eventually(() => crowd.done.length >= before + 12, PATIENCE_MS), 'nobody works in etcd')
        await crowd.end()
        const isBack = async () => {
          const { mode, by } = await modeOf(a)
          return mode === 'git' && by === 'quiet'
        }
        assert.ok(await eventually(isBack, PATIENCE_MS), 'no way down')
        const after = new Crowd(watched, sessions.slice(0, 1))
        assert.ok(await eventually(() => after.done.length >= 1, PATIENCE_MS), 'nobody works in git again')
        await after.end()
        crowd.done.push(...after.done)
      } finally {
        await crowd.end()
        await Promise.all([watched.stop(), other.stop()])
      }
      const begun = [watched, other].flatMap(({ events }) => events.filter(({ event }) => event === 'switch-begun'))
      assert.equal(begun.map((event) => 'rule' in event && event.rule).sort(), ['contention', 'quiet'])
      for (let folds = 0; folds < 6 && (await fold(a.box, sessions[0] as SessionName)).kind === 'folded'; ) folds += 1
      await assertOnce(crowd, a)
      const modes = (await entriesOf(a)).filter(({ type }) => type === 'if-board.mode')
      const rules = modes.flatMap(({ data }) => (data.rule === undefined ? [] : [[data.rule, data.trigger]]))
      assert.equal(rules, [
        ['contention', 'watch'],
        ['quiet', 'watch'],
      ])
      assert.match(
        modes.find(({ data }) => data.rule === 'contention')?.data.reason ?? '',
        /claims of this clone within/,
      )
      assert.equal(codesOf(await verifyAfresh({ clones: [a, b] }, 'full')), [])
    }))

  test('without the setting the same crowd stays in git, and what it feels is measured', ({ server }) =>
    on({ kind: 'remote', board, config: ownBoard() }, async (fleet, clone) => {
      const a = onRealClock(clone as Clone)
      await begin(a)
      await slow(fleet)
      const watched = startWatched(a, { path: server.path, folder: toSessionName('watcher-a') })
      const crowd = new Crowd(watched, sessions)
      try {
        assert.ok(await eventually(async () => (await readSamples(a.box)).length >= 8, PATIENCE_MS))
        await sleep(2000)
        const { mode, config } = await read(a.box)
        const { box } = watched.now()
        const asIfOn = { mode, modeSeen: undefined, config: { ...config, escalation }, knowsEtcd: true }
        assert.is((await sightOf(box, asIfOn)).judged.kind, 'switch', 'or this shows nothing')
        assert.equal([mode.mode, mode.epoch], ['git', 0])
      } finally {
        await crowd.end()
        await watched.stop()
      }
      assert.equal(
        watched.events.filter(({ event }) => event === 'switch-begun'),
        [],
      )
      await fold(a.box, sessions[0] as SessionName)
      await assertOnce(crowd, a)
    }))
}

/** Nobody believed to hold what another one held, and what was acknowledged is done once, on the board and in the log. */
async function assertOnce({ history, done }: Crowd, clone: Clone): Promise<void> {
  assert.equal(history.problems(), [])
  assert.is(new Set(done).size, done.length, 'acknowledged twice')
  const { snapshot } = await read(clone.box)
  const settled = [...snapshot.views].filter(([, { status }]) => status === 'done').map(([key]) => key)
  assert.equal([...settled].sort(), [...done].sort())
  const completed = (await entriesOf(clone)).filter(({ type }) => type === 'if-board.complete')
  assert.equal(completed.map(({ subject }) => subject).sort(), [...done].sort())
}

test.run()
