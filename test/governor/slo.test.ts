import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { objectivesOf } from '../../src/governor/slo.ts'
import { type BoardName, type OutcomeRecord, type SloRules, type TaskKey, toBoardName } from '../../src/model/index.ts'
import { seeded } from '../support/claims.ts'
import { history, MINUTE, MORNING } from './outcomes.ts'

const board = toBoardName('TASK-BOARD.md')
const other = toBoardName('OTHER.md')

function objectives(outcomes: readonly OutcomeRecord[][], rules: Partial<SloRules>, boards: BoardName[] = [board]) {
  return objectivesOf(
    outcomes.map((own) => ({ outcomes: own })),
    boards,
    { minReputation: 0, ...rules },
  )
}

const success = (letters: string, objective: number) => objectives([history(letters)], { successRate: objective })[0]

test('without an objective there is none', () => {
  assert.equal(objectives([history('cff')], {}), [])
})

test('a board without an ended grant has nothing to say', () => {
  assert.equal(objectives([history('c')], { successRate: 0.9 }, [other]), [])
})

test('the success rate counts what was completed, failed and taken over, and nothing else', () => {
  const found = success('cccfsrbv', 0.9)
  assert.is(found?.actual, 0.6)
  assert.is(found?.grants, 5)
})

test('an objective that is met to the point does not burn, one failure more does', () => {
  assert.is(success('cccccccfcf', 0.8)?.burning, false)
  assert.is(success('ccccccffcf', 0.8)?.burning, true)
})

test('what went wrong and is over does not burn: the short window is clean', () => {
  const found = success('ffffcccccccccccc', 0.9)
  assert.is(found?.burning, false)
  const [, , grants] = found?.burns ?? []
  assert.equal(
    grants,
    { window: '32 grants', longRate: 2.5, shortRate: 0, limit: 1, burning: false },
    JSON.stringify(grants),
  )
})

test('a few grants say nothing yet', () => {
  assert.is(success('fff', 0.9)?.burning, false)
})

test('a fast burn shows in the hour', () => {
  const fast = success('f'.repeat(12), 0.95)
  assert.equal(
    fast?.burns.map(({ window, burning }) => `${window} ${burning}`),
    ['1 h true', '6 h true', '32 grants true'],
  )
})

test('an hour ends with the last grant of each session, by its own clock', () => {
  const shift = (ms: number) => history('ffffff').map((record) => ({ ...record, at: record.at + ms }))
  const together = objectives([shift(0), shift(0)], { successRate: 0.99 })
  assert.equal(objectives([shift(0), shift(-1e12)], { successRate: 0.99 }), together)
})

test('clocks that run backwards leave nothing out', () => {
  const back = history('f'.repeat(12)).map((record, at) => ({ ...record, at: MORNING - at * 600 * MINUTE }))
  assert.is(objectives([back], { successRate: 0.95 })[0]?.burns[0]?.burning, true)
})

test('99 % within the minutes that are set: the largest of a few decides', () => {
  const minutes = history('c'.repeat(20)).map((record, at) => ({ ...record, minutes: at === 4 ? 50 : 10 }))
  const [found] = objectives([minutes], { p99Minutes: 60 })
  assert.equal([found?.kind, found?.actual, found?.burning], ['p99-minutes', 50, false])
  const late = minutes.map((record, at) => ({ ...record, minutes: at > 17 ? 90 : 10 }))
  assert.is(objectives([late], { p99Minutes: 60 })[0]?.burning, true)
})

test('of grants whose time is not known there is no percentile', () => {
  assert.is(objectives([history('ccc')], { p99Minutes: 60 })[0]?.actual, null)
})

test('an objective of 100 % burns without bound, as a number', () => {
  const rates = success('f'.repeat(12), 1)?.burns.map(({ longRate }) => longRate)
  assert.equal(rates, [1000, 1000, 1000])
})

test('boards are judged apart', () => {
  const there = history('f'.repeat(12)).map((record) => ({ ...record, task: `${other}:${record.sequence}` as TaskKey }))
  const found = objectives([[...history('c'.repeat(12)), ...there]], { successRate: 0.9 }, [board, other])
  assert.equal(
    found.map(({ board: name, burning }) => `${name} ${burning}`),
    ['TASK-BOARD.md false', 'OTHER.md true'],
  )
})

test('one failure less never raises a rate', () => {
  const letters = fc.array(fc.constantFrom(...'cfs'), { minLength: 1, maxLength: 32 })
  fc.assert(
    fc.property(letters, fc.nat(), (all, pick) => {
      const better = all.map((letter, at) => (at === pick % all.length ? 'c' : letter))
      const rates = (of: string[]) => success(of.join(''), 0.9)?.burns ?? []
      const before = rates(all)
      return rates(better).every(({ longRate, shortRate }, at) => {
        const was = before[at]
        return was !== undefined && longRate <= was.longRate && shortRate <= was.shortRate
      })
    }),
    seeded,
  )
})

test.run()
