/**
 * What `witness verify` finds: every way of tampering at the level that docs/witness.md states, and nothing where
 * nobody tampered.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RefName } from '../../../src/model/index.ts'
import { LEVELS } from '../../../src/witness/verify/index.ts'
import { isFull } from '../../support/claims.ts'
import { Forger } from '../../support/forger.ts'
import { type History, history, Random } from '../../support/history.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import { ATTACKS, type Attack } from './attacks.ts'

/** Give `IF_BOARD_SEED` to see one history again. */
const FIRST_SEED = Number(process.env.IF_BOARD_SEED ?? 1)
const CLEAN = isFull ? 200 : 12
const PER_ATTACK = isFull ? 50 : 6
const HISTORIES = isFull ? 12 : 4

test(`nothing is found in ${CLEAN} days on which nobody tampered, at any level`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLEAN; seed += 1) {
    const day = await history({ seed })
    for (const level of LEVELS) {
      const verdict = await verifyAfresh(day, level)
      assert.equal(codesOf(verdict), [], `seed ${seed}, ${level}: ${JSON.stringify(verdict.findings.slice(0, 3))}`)
    }
  }
})

const days: Promise<History>[] = Array.from({ length: HISTORIES }, (_, index) =>
  history({ seed: 9000 + FIRST_SEED + index, steps: 60 }),
)

for (const attack of ATTACKS)
  test(`${attack.name}: found at ${attack.at}`, async () => {
    let done = 0
    for (let round = 0; done < PER_ATTACK; round += 1) {
      assert.ok(round < PER_ATTACK * 6, `only ${done} of ${round} histories had a place for it`)
      const day = await (days[round % HISTORIES] as Promise<History>)
      if (await attempt(day, attack, round)) done += 1
    }
  })

/** False: this history has no place for such an attack. */
async function attempt(day: History, attack: Attack, round: number): Promise<boolean> {
  const forger = await Forger.on(day)
  try {
    const replaced: RefName[] = []
    const random = new Random(FIRST_SEED * 1000 + round)
    const done = await attack.run({ day, forger, folds: await forger.folds(), random, replaced })
    if (!done) return false
    const verdict = await verifyAfresh(day, attack.at, replaced)
    const codes = attack.codes.map((code) => `witness/${code}`)
    assert.ok(
      codesOf(verdict).some((code) => codes.includes(code)),
      `round ${round}: found ${JSON.stringify(verdict.findings)}`,
    )
    return true
  } finally {
    await forger.restore()
  }
}

test.run()
