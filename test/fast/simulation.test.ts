/**
 * Whole fleets on virtual clocks: 8 sessions, 50 tasks, two projectors, two that switch, one git and one etcd, while
 * processes die, stop and mistake the hour, networks are cut, and etcd is wiped, restarted and replaced by backups.
 *
 * Never two live tokens of a task, never a completion twice or lost, and when the trouble ends every task gets done.
 * With any one rule left out, some history breaks.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isFull } from '../support/claims.ts'
import { RULES, type Rule } from './simulated/rules.ts'
import { Run } from './simulated/run.ts'

const FLEET = { sessions: 8, tasks: 50 }
/** `IF_BOARD_SIMULATIONS=10000` takes some six minutes of a processor. */
const COUNT = Number(process.env.IF_BOARD_SIMULATIONS ?? (isFull ? 2_000 : 60))
/** The same ones each time, so that a run can be compared with the last; others by `IF_BOARD_SIMULATIONS_FROM`. */
const FIRST = Number(process.env.IF_BOARD_SIMULATIONS_FROM ?? 1)

/**
 * Where the search for a history that breaks begins, with a seed that broke one when this was written, and how many are
 * tried at most: several times what a search from 1 on needed. Who changes the protocol's steps changes what a seed does.
 */
const SEARCH: Record<Rule, { readonly from: number; readonly atMost: number }> = {
  grace: { from: 130, atMost: 500 },
  'epoch-compare': { from: 17, atMost: 200 },
  're-read': { from: 1, atMost: 50 },
  'own-validity': { from: 3, atMost: 50 },
  'late-registration': { from: 14, atMost: 50 },
  carry: { from: 1, atMost: 50 },
  'closing-fold': { from: 75, atMost: 800 },
  quarantine: { from: 159, atMost: 2000 },
  'create-only': { from: 40, atMost: 100 },
  'end-before-sent': { from: 3637, atMost: 10_000 },
}

test(`no token is live twice, no completion lost or counted twice, and all is done, in ${COUNT} histories`, async () => {
  const faults = new Set<string>()
  let inEtcd = 0
  let kept = 0
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const { problems, ...report } = await new Run({ ...FLEET, seed }).toTheEnd()
    assert.equal(problems, [], `seed ${seed} (IF_BOARD_SIMULATIONS_FROM=${seed} begins with it)`)
    for (const fault of report.faults.keys()) faults.add(fault)
    inEtcd += report.completedInEtcd
    kept += report.kept
  }
  assert.ok(faults.size >= 12, `every kind of fault happened: ${[...faults]}`)
  assert.ok(inEtcd > COUNT, `etcd decided ${inEtcd} completions`)
  assert.ok(kept > COUNT / 10, `${kept} claims were kept for who had not registered`)
})

test('the same seed gives the same history', async () => {
  const [one, other] = [
    await new Run({ ...FLEET, seed: 7 }).toTheEnd(),
    await new Run({ ...FLEET, seed: 7 }).toTheEnd(),
  ]
  assert.equal([one.tookMs, one.epochs, one.faults], [other.tookMs, other.epochs, other.faults])
})

for (const rule of RULES) {
  const { from, atMost } = SEARCH[rule]
  test(`without the rule "${rule}" a history breaks`, async () => {
    for (let seed = from; seed < from + atMost; seed++) {
      const { problems } = await new Run({ ...FLEET, seed, without: rule }).toTheEnd()
      if (problems.some((problem) => problem.startsWith('two '))) return
    }
    assert.unreachable(`${atMost} histories from ${from} on hold without "${rule}"`)
  })
}

test.run()
