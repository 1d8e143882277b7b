/** The index must say exactly what `rank` and `pick` say, after any changes, for any session. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { capabilityBook, matchOf, openCrew, skillsOf } from '../../src/governor/index.ts'
import { schedule } from '../../src/graph/index.ts'
import {
  GOVERNOR_DEFAULTS,
  type Project,
  type SessionName,
  type Task,
  type TaskKey,
  toSessionName,
} from '../../src/model/index.ts'
import { pick, rank, sessionMatches } from '../../src/scheduler/index.ts'
import type { Demand } from '../../src/scheduler/offer-groups.ts'
import { OfferIndex } from '../../src/scheduler/offer-index.ts'
import { project, seed } from '../graph/make.ts'

const book = capabilityBook({ ...GOVERNOR_DEFAULTS.capabilities, boards: [['b.md', 0.5]] })
const sessions = ['session-1', 'session-2', 'session-3', 'rust-a'].map(toSessionName)

function demandOf(task: Task): Demand {
  const needs = book.needsOf(task)
  const threshold = book.thresholdOf(task)
  return { name: JSON.stringify([threshold, ...needs]), needs, threshold }
}

const skill = fc.constantFrom('rust', 'sip', 'gpu')
const words = fc.option(fc.constantFrom('Session 1', 'session-2 / session-3', 'nobody-here', ' '), { nil: undefined })
const facts = fc.record({
  capabilities: fc.array(skill, { maxLength: 2 }),
  owner: words,
  assigned: words,
  priority: fc.option(fc.constantFrom('high', 'medium', 'low'), { nil: undefined }),
  filler: fc.nat(3).map((number) => number === 0),
  estimateMinutes: fc.option(fc.constantFrom(10, 60), { nil: undefined }),
} as const)

const projects: fc.Arbitrary<Project> = fc
  .array(fc.tuple(facts, fc.nat(12)), { minLength: 1, maxLength: 14 })
  .map((rows) =>
    project(...rows.map(([each, on], at) => [`t${at}`, on < at ? { ...each, needs: [`t${on}`] } : each] as const)),
  )

interface Change {
  readonly task: number
  readonly isReady: boolean
  readonly failed: SessionName | undefined
}

const someone = fc.constantFrom(...sessions)
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ task: fc.nat(13), isReady: fc.boolean(), failed: fc.option(someone, { nil: undefined }) }),
  { maxLength: 20 },
)
const asked = fc.record({
  session: someone,
  idle: fc.subarray(sessions),
  active: fc.subarray(sessions),
  pins: fc.oneof(
    { weight: 3, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom('t0', 't3', 'a.md:t5', 'x')) },
  ),
  lostBefore: fc.boolean(),
  fraction: fc.double({ min: 0, max: 0.999, noNaN: true }),
})
const crews = fc.array(
  fc.record({
    can: fc.array(skill, { maxLength: 3 }),
    reputation: fc.constantFrom(0.3, 0.6),
    rate: fc.option(fc.constantFrom(0, 1_000_000, 9_000_000), { nil: undefined }),
  }),
  { minLength: sessions.length, maxLength: sessions.length },
)

test('after any claims, completions and failures the index decides as the whole ranking does', () => {
  fc.assert(
    fc.property(
      projects,
      changes,
      crews,
      fc.array(asked, { minLength: 1, maxLength: 6 }),
      (board, done, described, questions) => {
        const plan = schedule(board, () => false)
        const ready = new Set<TaskKey>(
          board.tasks.filter(({ dependencies }) => dependencies.length === 0).map(({ key }) => key),
        )
        const failedBy = new Map<TaskKey, SessionName>()
        const index = new OfferIndex({
          tasks: board.tasks,
          schedule: plan,
          demandOf,
          failedBy,
          isReady: ({ key }) => ready.has(key),
        })
        for (const { task, isReady, failed } of done) {
          const key = board.tasks[task % board.tasks.length]?.key as TaskKey
          index.offer(key, isReady)
          index.fail(key, failed)
          if (isReady) ready.add(key)
          else ready.delete(key)
          if (failed === undefined) failedBy.delete(key)
          else failedBy.set(key, failed)
        }
        const members = described.map(({ can, reputation, rate }, at) => ({
          session: sessions[at] as SessionName,
          skills: skillsOf(book, { said: [{ capabilities: can }] }),
          reputation,
          rateMicroUsdPerHour: rate,
        }))
        const { takersOf } = openCrew(book, members, [])
        for (const { session, active, pins, ...rest } of questions) {
          const has = members.find((member) => member.session === session)?.skills.has ?? new Set<string>()
          const match = ({ needs }: Demand) => matchOf(needs, has)
          const able = (name: SessionName, { needs, threshold }: Demand) =>
            matchOf(needs, members.find((member) => member.session === name)?.skills.has ?? new Set()) >= threshold
          const isKept = (meant: string, demand: Demand) =>
            active.some((name) => sessionMatches(meant, name) && able(name, demand))
          const shared = {
            session,
            schedule: plan,
            failedBy,
            isKept: (meant: string, task: Task) => isKept(meant, demandOf(task)),
          }
          const all = board.tasks.filter(({ key }) => ready.has(key))
          const ranked = rank({
            ...shared,
            ready: all.filter((task) => match(demandOf(task)) >= demandOf(task).threshold),
            pins,
            capabilityFit: (task) => match(demandOf(task)),
          })
          const contest = { ranked: rank({ ...shared, ready: all, pins: [] }), takersOf }
          const chosen = pick({ session, ranked, contest, ...rest })
          assert.equal(index.decide({ session, pins, match, isKept, takersOf, ...rest }), chosen)
        }
      },
    ),
    { ...seed, numRuns: 300 },
  )
})

test.run()
