/** A pruned log hides nothing that its prune has not announced. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HISTORY_PATH, renderNote, type SignedCheckpoint } from '../../../src/witness/index.ts'
import type { FindingCode, Level } from '../../../src/witness/verify/index.ts'
import { isFull } from '../../support/claims.ts'
import type { Clone } from '../../support/fleet.ts'
import { Forger, type SealedFold } from '../../support/forger.ts'
import { goOn, type History, history, Random, sealAll } from '../../support/history.ts'
import { DAY_MS, pruneOlder } from '../../support/pruned.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

/** Give `IF_BOARD_SEED` to see one history again. */
const FIRST_SEED = Number(process.env.IF_BOARD_SEED ?? 1)
const PER_ATTACK = isFull ? 50 : 3
const HISTORIES = isFull ? 8 : 3

interface Scene {
  readonly forger: Forger
  readonly random: Random
  /** Without their events, oldest first, those that never had any left out. */
  readonly pruned: readonly SealedFold[]
  /** With their events. */
  readonly kept: readonly SealedFold[]
}

interface Attack {
  readonly name: string
  readonly at: Level
  readonly codes: readonly FindingCode[]
  readonly run: (scene: Scene) => Promise<void>
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'events of a fold are taken away that the prune has not announced',
    at: 'chain',
    codes: ['events-missing'],
    run: ({ forger, random, kept }) => {
      const fold = random.pick(kept)
      return forger.replaceNote(fold, renderNote([], fold.note))
    },
  },
  {
    name: 'events of all folds are taken away',
    at: 'chain',
    codes: ['events-missing'],
    run: ({ forger, kept }) =>
      forger.replaceFiles(
        new Map(
          kept.map(({ note }) => {
            const { board } = note.checkpoint
            return [`${board.slice(0, 2)}/${board.slice(2)}`, renderNote([], note)]
          }),
        ),
      ),
  },
  {
    name: 'a checkpoint that was kept is changed',
    at: 'chain',
    codes: ['note-changed'],
    run: ({ forger, random, pruned }) => {
      const fold = random.pick(pruned)
      return forger.replaceNote(fold, renderNote([], changed(fold.note, random)))
    },
  },
  {
    name: 'a checkpoint that was kept is changed and signed again by another key',
    at: 'chain',
    codes: ['note-changed'],
    async run({ forger, random, pruned }) {
      const fold = random.pick(pruned)
      const signed = await forger.signCheckpoint(changed(fold.note, random).checkpoint)
      await forger.replaceNote(fold, renderNote([], signed))
    },
  },
  {
    name: 'a checkpoint that was kept is taken away',
    at: 'chain',
    codes: ['checkpoint-unreadable', 'note-missing'],
    run: ({ forger, random, pruned }) => forger.replaceNote(random.pick(pruned), 'gone\n'),
  },
  {
    name: 'the list of the commits before the prune is taken away',
    at: 'chain',
    codes: ['fold-missing', 'notes-rewound'],
    run: ({ forger }) => forger.replaceFiles(new Map([[HISTORY_PATH, undefined]]), 'prune'),
  },
  {
    name: 'a fold is taken out of the list of the commits before the prune',
    at: 'chain',
    codes: ['fold-missing', 'notes-rewound'],
    async run({ forger, random, pruned }) {
      const { board } = random.pick(pruned).note.checkpoint
      const lines = (await forger.notesFile(HISTORY_PATH)).split('\n')
      const others = lines.filter((line) => !line.endsWith(board)).join('\n')
      await forger.replaceFiles(new Map([[HISTORY_PATH, others]]), 'prune')
    },
  },
]

function changed(signed: SignedCheckpoint, random: Random): SignedCheckpoint {
  const { checkpoint } = signed
  const [end, ...others] = checkpoint.sealed
  const other = 'f'.repeat(64)
  const changes = [
    { ...checkpoint, sealed: [{ ...(end as NonNullable<typeof end>), hash: other }, ...others] },
    { ...checkpoint, root: Uint8Array.from(checkpoint.root, (byte) => byte ^ 1) },
    { ...checkpoint, granted: [], records: checkpoint.records.map((record) => ({ ...record, author: 'Nobody' })) },
  ]
  return { ...signed, checkpoint: random.pick(changes) }
}

/** Sealed days on both sides of a prune, which is sealed or still on its chain; the newest fold is one with its parents. */
async function prunedDay(seed: number): Promise<History> {
  const day = await history({ seed, steps: 30, crashes: false, sealed: true })
  day.fleet.clock.advance(100 * DAY_MS)
  await goOn(day, { steps: 20, crashes: false })
  await sealAll(day)
  day.fleet.clock.advance(100 * DAY_MS)
  await pruneOlder(day.clones[0] as Clone, 190)
  if (day.random.fraction() < 0.5) await goOn(day, { steps: 5, crashes: false })
  return day
}

const days = Array.from({ length: HISTORIES }, (_, index) => prunedDay(5000 + FIRST_SEED + index))

for (const attack of ATTACKS)
  test(`${attack.name}: found at ${attack.at}`, async () => {
    for (let round = 0; round < PER_ATTACK; round += 1) {
      const day = await (days[round % HISTORIES] as Promise<History>)
      assert.equal(codesOf(await verifyAfresh(day, attack.at)), [], 'before it nothing was wrong')
      const found = await attempt(day, attack, round)
      const codes = attack.codes.map((code) => `witness/${code}`)
      assert.ok(
        found.some((code) => codes.includes(code)),
        `round ${round}: found ${JSON.stringify(found)}`,
      )
    }
  })

async function attempt(day: History, attack: Attack, round: number): Promise<string[]> {
  const forger = await Forger.on(day)
  try {
    const folds = (await forger.folds()).filter(({ note }) => note.checkpoint.sealed.length > 0)
    const pruned = folds.filter(({ note }) => note.events.length === 0)
    const kept = folds.filter(({ note }) => note.events.length > 0)
    await attack.run({ forger, pruned, kept, random: new Random(FIRST_SEED * 1000 + round) })
    return codesOf(await verifyAfresh(day, attack.at))
  } finally {
    await forger.restore()
  }
}

test.run()
