/**
 * A log that was pruned is one that nobody tampered with, whenever it was pruned, whatever came before and after, and
 * wherever a server died; and a pruned log that somebody tampered with is found out.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LEVELS } from '../../../src/witness/verify/index.ts'
import { isFull } from '../../support/claims.ts'
import type { Clone } from '../../support/fleet.ts'
import { goOn, type History, history, killNextPush, Random, tolerant } from '../../support/history.ts'
import { DAY_MS, pruneOlder } from '../../support/pruned.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import { notesOf } from '../../support/witnessed.ts'

/** Give `IF_BOARD_SEED` to see one history again. */
const FIRST_SEED = Number(process.env.IF_BOARD_SEED ?? 1)
const HISTORIES = isFull ? 100 : 4

async function assertNothingFound(day: History, when: string): Promise<void> {
  for (const level of LEVELS) {
    const verdict = await verifyAfresh(day, level)
    assert.equal(codesOf(verdict), [], `${when}, ${level}: ${JSON.stringify(verdict.findings.slice(0, 3))}`)
  }
}

/** Some days with pauses of weeks between them, so that a prune cuts anywhere. */
async function longHistory(seed: number): Promise<History> {
  const day = await history({ seed, steps: 20 })
  for (let part = 0; part < 3; part += 1) {
    day.fleet.clock.advance((20 + day.random.below(40)) * DAY_MS)
    await goOn(day, { steps: 12 })
  }
  day.fleet.clock.advance(150 * DAY_MS)
  return day
}

test(`nothing is found in ${HISTORIES} logs that were pruned and went on, at any level`, async () => {
  let pruned = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1) {
    const day = await longHistory(7000 + seed)
    const random = new Random(seed)
    for (let round = 0; round < 3; round += 1) {
      const clone = random.pick(day.clones)
      if (random.fraction() < 0.3) killNextPush(day, clone)
      await tolerant(() => pruneOlder(clone, 183 + random.below(70)))
      clone.traffic.beforePush = undefined
      await assertNothingFound(day, `seed ${seed}, round ${round}, pruned`)
      if (
        (await notesOf(day.clones[0] as Clone)).some(
          ({ events, checkpoint }) => events.length === 0 && checkpoint.sealed.length > 0,
        )
      )
        pruned += 1
      await goOn(day, { steps: 10 })
      await assertNothingFound(day, `seed ${seed}, round ${round}, gone on`)
      day.fleet.clock.advance(random.below(60) * DAY_MS)
    }
  }
  assert.ok(pruned > HISTORIES, `only ${pruned} prunes took anything`)
})

test.run()
