/**
 * What `witness verify` finds: every way of tampering at the level that docs/witness.md states, and nothing where
 * nobody tampered.
 */
import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RefName, SessionName } from '../../../src/model/index.ts'
import { type Anchor, LEVELS } from '../../../src/witness/verify/index.ts'
import { acceptRewind, restoreRewound } from '../../../src/workflows/sync.ts'
import { isFull } from '../../support/claims.ts'
import type { Clone } from '../../support/fleet.ts'
import { Forger } from '../../support/forger.ts'
import { type History, type HistoryRequest, history, Random, sealAll, work } from '../../support/history.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import type { Attack } from './attack.ts'
import { ATTACKS_ON_EVENTS } from './attacks-on-events.ts'
import { ATTACKS_ON_REFS, putBackAll } from './attacks-on-refs.ts'
import { ATTACKS_ON_SEALS } from './attacks-on-seals.ts'
import { ATTACKS_ON_SWITCHES } from './attacks-on-switches.ts'

const ATTACKS = [...ATTACKS_ON_EVENTS, ...ATTACKS_ON_REFS, ...ATTACKS_ON_SEALS, ...ATTACKS_ON_SWITCHES]
/** Give `IF_BOARD_SEED` to see one history again. */
const FIRST_SEED = Number(process.env.IF_BOARD_SEED ?? 1)
const CLEAN = isFull ? 200 : 7
const PER_ATTACK = isFull ? 50 : 3
const HISTORIES = isFull ? 12 : 3

/** Ways in which fleets are set up. */
const VARIANTS: readonly Partial<HistoryRequest>[] = [
  {},
  { granted: true },
  { doneWhen: 'merged' },
  { kind: 'memory' },
  { refs: 'heads' },
  { switches: true },
  { switches: true, refs: 'heads', doneWhen: 'merged' },
]

test(`nothing is found in ${CLEAN} days on which nobody tampered, at any level`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLEAN; seed += 1) {
    const day = await history({ seed, ...VARIANTS[seed % VARIANTS.length] })
    for (const level of LEVELS) {
      const verdict = await verifyAfresh(day, level)
      assert.equal(codesOf(verdict), [], `seed ${seed}, ${level}: ${JSON.stringify(verdict.findings.slice(0, 3))}`)
    }
  }
})

for (const [name, settle] of [
  ['restored', restoreRewound],
  ['accepted', acceptRewind],
] as const)
  test(`nothing is found where a branch was put back and a person ${name} it`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + (isFull ? 40 : 2); seed += 1) {
      const day = await history({ seed, sealed: true })
      const { board } = (day.clones[0] as Clone).box.layout
      const head = await day.fleet.head()
      const earlier = day.moments.filter((refs) => refs.get(board) !== head)
      await day.fleet.force(board, day.random.pick(earlier).get(board))
      await settle((day.clones[0] as Clone).box, day.sessions[0] as SessionName)
      for (let step = 0; step < 6; step += 1) await work(day)
      await sealAll(day)
      for (const level of LEVELS) {
        const verdict = await verifyAfresh(day, level)
        assert.equal(codesOf(verdict), [], `seed ${seed}, ${level}: ${JSON.stringify(verdict.findings.slice(0, 3))}`)
      }
    }
  })

const days = new Map<number, Promise<History>>()

function dayOf(index: number): Promise<History> {
  const request = { seed: 9000 + FIRST_SEED + index, steps: 60, sealed: true, tail: (index % 2) * 12 }
  const day = days.get(index) ?? history(request)
  days.set(index, day)
  return day
}

for (const attack of ATTACKS)
  test(`${attack.name}: found at ${attack.at}`, async () => {
    const places = new Set<number>()
    for (let [done, round] = [0, 0]; done < PER_ATTACK; round += 1) {
      assert.ok(round < PER_ATTACK * 6, `only ${done} of ${round} histories had a place for it`)
      const index = round < HISTORIES || places.size === 0 ? round : ([...places][round % places.size] as number)
      if (!(await attempt(await dayOf(index), attack, round))) continue
      done += 1
      places.add(index)
    }
  })

/** False: this history has no place for such an attack. */
async function attempt(day: History, attack: Attack, round: number): Promise<boolean> {
  const forger = await Forger.on(day)
  try {
    const [replaced, anchors]: [RefName[], Anchor[]] = [[], []]
    const random = new Random(FIRST_SEED * 1000 + round)
    const done = await attack.run({ day, forger, folds: await forger.folds(), random, replaced, anchors })
    if (!done) return false
    const verdict = await verifyAfresh(day, attack.at, { replaced, anchors })
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

test('everything put back together looks like a younger log to whoever has not seen more: docs/witness.md says so', async () => {
  const day = await dayOf(0)
  const forger = await Forger.on(day)
  const scene = { day, forger, folds: await forger.folds(), random: new Random(7), replaced: [], anchors: [] }
  assert.ok(await putBackAll(scene))
  assert.equal(codesOf(await verifyAfresh(day, 'audit')), [])
  await forger.restore()
})

test('docs/witness.md has every attack at the level where it is found', async () => {
  const text = await readFile(new URL('../../../docs/witness.md', import.meta.url), 'utf8')
  for (const { name, at } of ATTACKS) assert.ok(text.includes(`| ${name} | ${at} |`), `| ${name} | ${at} |`)
})

test.run()
