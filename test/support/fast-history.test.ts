import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { type Belief, FastHistory } from './fast-history.ts'
import { task } from './fast-space.ts'

function historyOf(...beliefs: Partial<Belief>[]): FastHistory {
  const history = new FastHistory()
  for (const [at, belief] of beliefs.entries()) {
    const [asked, from, until] = [at * 10 - 1, at * 10, at * 10 + 5]
    const who = { task: task('T1'), session: `s${at}` as SessionName, nonce: `n${at}` }
    history.beliefs.push({ ...who, epoch: 1, revision: at + 2, asked, from, until, ...belief })
  }
  return history
}

test('holders one after the other, or of different tasks, are no problem', () => {
  assert.equal(historyOf({}, {}, {}).problems(), [])
  assert.equal(historyOf({ until: 100 }, { task: task('T2') }).problems(), [])
})

test('two who believe at once are told, and so is a token that went back', () => {
  assert.match(historyOf({ until: 11 }, {}).problems().join(), /^s0 believed .* while s1 /)
  assert.match(historyOf({ revision: 9 }, { revision: 9 }).problems().join(), /^the token went back: s0 .*then s1/)
  assert.match(historyOf({ epoch: 2 }, {}).problems().join(), /^the token went back/)
  assert.equal(historyOf({ epoch: 1, revision: 99 }, { epoch: 2 }).problems(), [])
})

test('a task that is taken twice without an end between is not linearizable', async () => {
  const history = new FastHistory()
  for (const name of ['a', 'b'])
    await history.note(
      task('T1'),
      `claim ${name}`,
      async () => ({ kind: 'claimed' }),
      () => (state) => (state === 'free' ? `held ${name}` : undefined),
    )
  assert.match(history.notLinearizable().join(), /TASKS\.md:T1: 1 of 2 operations/)
})

test.run()
