/** Sessions that want the last money at once, on real git: whatever comes of it, a cap holds. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { finish } from '../../src/workflows/finish.ts'
import { fold } from '../../src/workflows/fold.ts'
import { next } from '../../src/workflows/next.ts'
import { read } from '../../src/workflows/read.ts'
import { boardOf, type Clone, type Fleet, type FleetKind, fleet, names } from '../support/fleet.ts'
import { budget, govern, usd } from '../support/governed.ts'

const SIZE = 16
/** Dollars that are left, and what a task is expected to cost. */
const LEFT = 10
const EACH = 3
/** Four would be $12. */
const FIT = 3

interface Racer {
  readonly clone: Clone
  readonly session: SessionName
}

async function openRace(kind: FleetKind): Promise<{ readonly one: Fleet; readonly racers: readonly Racer[] }> {
  const ids = Array.from({ length: SIZE }, (_, index) => [`T${index + 1}`] as const)
  const one = await fleet({ kind, board: boardOf(...ids) })
  const rules = budget({ total: { microUsd: usd(LEFT) }, reserve: { microUsd: usd(EACH), tokens: 1 } })
  await govern(one, rules)
  const racers: Racer[] = []
  for (const session of names(SIZE)) {
    const clone = await one.clone()
    racers.push({ clone, session })
  }
  return { one, racers }
}

/** All queue for the lock of the board: one that holds it for long makes the others give up, and name it. */
const TOO_BUSY = ['authority/busy', 'authority/locked']

/** What came of one `next`; the authority may be too busy for some. */
async function asked({ clone, session }: Racer): Promise<string> {
  try {
    const outcome = await next(clone.box, { session })
    return outcome.kind === 'refused' ? outcome.rule : outcome.kind
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

async function sumReserved({ clone }: Racer): Promise<number> {
  const { accounts } = await read(clone.box)
  return accounts.reserved.reduce((sum, { amount }) => sum + amount.microUsd, 0)
}

/** One race: all ask at once, then those who got nothing ask again, until no more fits. */
async function race(racers: readonly Racer[]): Promise<void> {
  const observer = racers[0] as Racer
  const granted = new Set<Racer>()
  for (let rounds = 0; rounds < 20 && granted.size < FIT; rounds += 1) {
    const asking = racers.filter((racer) => !granted.has(racer))
    const answers = await Promise.all(asking.map(asked))
    for (const [at, answer] of answers.entries()) {
      if (answer === 'granted' || answer === 'held') granted.add(asking[at] as Racer)
      else assert.ok(['budget-total', ...TOO_BUSY].includes(answer), answer)
    }
    assert.ok(granted.size * EACH <= LEFT, `${granted.size} of $${EACH} were granted, $${LEFT} are left`)
    assert.ok((await sumReserved(observer)) <= usd(LEFT), 'what is reserved fits')
  }
  assert.is(granted.size, FIT, 'whoever fits gets it in the end')
  for (const { clone, session } of granted)
    await finish(clone.box, { session, task: undefined }, { kind: 'released', reason: undefined, cost: NOTHING })
}

/** It cost nothing, so the next race is for the same money. */
const NOTHING = { usd: 0, inputTokens: 0, outputTokens: 0 }

/** Each clone keeps the objects that it read, and git starts the slower the more memory its parent has. */
const RACES_OF_A_FLEET = 5

/** So many races, one after the other: several files share the 200 of the long form, to run side by side. */
export function raceForTheLastMoney(kind: FleetKind, runs: number): void {
  test(`of ${SIZE} sessions that race for the last $${LEFT}, ${FIT} get $${EACH} each, in every race (${kind}, ${runs})`, async () => {
    for (let left = runs; left > 0; left -= RACES_OF_A_FLEET)
      await raceOnOneBoard(kind, Math.min(left, RACES_OF_A_FLEET))
  })
}

async function raceOnOneBoard(kind: FleetKind, runs: number): Promise<void> {
  const { one, racers } = await openRace(kind)
  try {
    for (let run = 1; run <= runs; run += 1) {
      await race(racers)
      // Races behind a fold, too.
      if (run % 2 === 0) await fold((racers[0] as Racer).clone.box, (racers[0] as Racer).session)
    }
  } finally {
    await one.close()
  }
}
