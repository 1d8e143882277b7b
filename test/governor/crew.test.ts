import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { capabilityBook, type Member, openCrew, skillsOf } from '../../src/governor/index.ts'
import { GOVERNOR_DEFAULTS, type SessionName, toSessionName } from '../../src/model/index.ts'
import { pick, type RankedTask } from '../../src/scheduler/index.ts'
import { project, seed } from '../graph/make.ts'

const book = capabilityBook(GOVERNOR_DEFAULTS.capabilities)
const board = project(['plain'], ['rust', { capabilities: ['rust'] }], ['both', { capabilities: ['rust', 'sip'] }])
const [plain, rust, both] = board.tasks as [RankedTask['task'], RankedTask['task'], RankedTask['task']]

function member(session: string, changes: Partial<Omit<Member, 'skills'>> & { readonly can?: string[] } = {}): Member {
  const { can = [], ...rest } = changes
  const skills = skillsOf(book, { said: [{ capabilities: can }] })
  return { session: toSessionName(session), skills, reputation: 0.5, rateMicroUsdPerHour: undefined, ...rest }
}

function takers(
  task: RankedTask['task'],
  members: Member[],
  samples: readonly { session: SessionName; minutes: number }[] = [],
) {
  return openCrew(book, members, [{ board: task.board, spent: { microUsd: 0, tokens: 0 }, days: [], samples }])
    .takersOf(task)
    .join(' ')
}

test('who matches below the threshold is no taker', () => {
  assert.is(takers(both, [member('a', { can: ['rust'] }), member('b', { can: ['rust', 'sip'] }), member('c')]), 'b')
})

test('the better reputation goes first, at one price', () => {
  assert.is(takers(plain, [member('a', { reputation: 0.4 }), member('b', { reputation: 0.9 })]), 'b a')
})

test('the cheaper goes first, at one reputation; a rate of nothing is cheap, and no division by zero', () => {
  const rates = [3_000_000, 0, 1_000_000]
  assert.is(
    takers(
      plain,
      rates.map((rate, at) => member(`s${at}`, { rateMicroUsdPerHour: rate })),
    ),
    's1 s2 s0',
  )
})

test('of equals the one that can do less goes first, because more is left for the other', () => {
  assert.is(takers(plain, [member('a', { can: ['rust'] }), member('b')]), 'b a')
})

test('price is that of a task: twice the rate at a third of the time is cheaper', () => {
  const [slow, quick] = [
    member('slow', { rateMicroUsdPerHour: 1_000_000 }),
    member('quick', { rateMicroUsdPerHour: 2_000_000 }),
  ]
  const samples = [1, 2, 3].flatMap(() => [
    { session: slow.session, minutes: 30 },
    { session: quick.session, minutes: 10 },
  ])
  assert.is(takers(plain, [slow, quick]), 'slow quick')
  assert.is(takers(plain, [slow, quick], samples), 'quick slow')
})

test('who never said a rate is as dear as the dearest, not free', () => {
  const known = [member('cheap', { rateMicroUsdPerHour: 1 }), member('dear', { rateMicroUsdPerHour: 9_000_000 })]
  assert.is(takers(plain, [...known, member('a-unknown')]), 'cheap a-unknown dear')
})

const asRanked = (task: RankedTask['task']): RankedTask => ({ task, tier: 'normal', assignment: 'nobody', reasons: [] })
const names = Array.from({ length: 6 }, (_, at) => toSessionName(`s${at}`))
const rankings = fc
  .shuffledSubarray([plain, rust, both], { minLength: 1 })
  .map((tasks) => tasks.map((task): RankedTask => ({ task, tier: 'normal', assignment: 'nobody', reasons: [] })))

test('where nothing tells sessions apart, the division is that by names', () => {
  fc.assert(
    fc.property(rankings, fc.subarray(names, { minLength: 1 }), fc.nat(5), (all, idle, at) => {
      const ranked = all.filter(({ task }) => task.capabilities.length === 0)
      const session = names[at] as SessionName
      const request = { ranked, session, idle, lostBefore: false, fraction: 0 }
      const { takersOf } = openCrew(
        book,
        names.map((each) => member(each)),
        [],
      )
      assert.equal(pick({ ...request, contest: { ranked, takersOf } }), pick(request))
    }),
    seed,
  )
})

test('with tasks enough no two idle sessions choose one, whatever they can, cost and are worth', () => {
  const described = fc.record({
    can: fc.subarray(['rust', 'sip']),
    reputation: fc.constantFrom(0.2, 0.5, 0.8),
    rateMicroUsdPerHour: fc.option(fc.constantFrom(0, 1_000_000, 5_000_000), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(described, { minLength: 6, maxLength: 6 }), fc.infiniteStream(fc.nat(2)), (crew, kinds) => {
      const members = crew.map((each, at) => member(names[at] as SessionName, each))
      const needs = [[], ['rust'], ['sip']]
      const tasks = project(
        ...Array.from(
          { length: 12 },
          (_, at) => [`t${at}`, { capabilities: needs[kinds.next().value as number] ?? [] }] as const,
        ),
        ...names.map((session) => [`for-${session}`] as const),
      ).tasks
      const { takersOf } = openCrew(book, members, [])
      const contest = { ranked: tasks.map(asRanked), takersOf }
      const chosen = members.flatMap(({ session }) => {
        const ranked = contest.ranked.filter(({ task }) => takersOf(task).includes(session))
        return pick({ ranked, session, idle: names, contest, lostBefore: false, fraction: 0 })?.task.id ?? []
      })
      assert.is(chosen.length, names.length)
      assert.is(new Set(chosen).size, names.length, chosen.join(' '))
    }),
    { ...seed, numRuns: 200 },
  )
})

test.run()
