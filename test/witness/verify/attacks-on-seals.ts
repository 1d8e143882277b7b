/** Attacks on what stands beside the events: checkpoints, the branch, state files, the registry, grants. */

import { nodeSshCrypto } from '../../../src/adapters/process/ssh-crypto.ts'
import { claimRef } from '../../../src/claim/index.ts'
import { REGISTRY_FILE, type SessionName, type TaskKey, toSessionName } from '../../../src/model/index.ts'
import { eventType, type Note, renderNote, renderNotesMessage, traceparent } from '../../../src/witness/index.ts'
import { note } from '../../../src/workflows/adjust.ts'
import { grant } from '../../../src/workflows/grant.ts'
import { MALLORY, type SealedFold } from '../../support/forger.ts'
import { ADA, grantAll, sealAll } from '../../support/history.ts'
import { pinsOf } from '../../support/ssh.ts'
import type { Attack, Scene } from './attack.ts'

const newest = ({ folds }: Scene) => folds.at(-1) as SealedFold

const forgedCheckpoint: Attack = {
  name: 'the newest checkpoint is changed, in the note and in the history of the ref, under the old signature',
  at: 'quick',
  codes: ['checkpoint-forged'],
  async run(scene) {
    const { note: old } = newest(scene)
    const changed: Note = { ...old, checkpoint: { ...old.checkpoint, granted: [], records: [] } }
    if (old.checkpoint.records.length === 0) return false
    await scene.forger.replaceNote(newest(scene), renderNote(changed.events, changed), renderNotesMessage(changed))
    return true
  },
}

const foreignCommit: Attack = {
  name: 'a commit without a checkpoint is put on top of the notes ref',
  at: 'quick',
  codes: ['checkpoint-unreadable'],
  async run({ forger, random }) {
    await forger.topNotes(`Notes added by 'git notes add' ${random.below(1e9)}\n`)
    return true
  },
}

const takenNote: Attack = {
  name: 'the note of a fold is taken away',
  at: 'chain',
  codes: ['note-missing'],
  async run({ forger, folds, random }) {
    const fold = random.pick(folds)
    await forger.topNotes(renderNotesMessage((folds.at(-1) as SealedFold).note), fold.note.checkpoint.board)
    return true
  },
}

const droppedFold: Attack = {
  name: 'a fold is taken out of the history of the ref, and every checkpoint behind it is made anew',
  at: 'chain',
  codes: ['event-missing', 'event-repeated', 'sealed-differs', 'chain-broken'],
  async run({ forger, folds, random }) {
    const fit = folds.flatMap(({ note: { events } }, index) =>
      events.length > 0 && index < folds.length - 1 ? [index] : [],
    )
    if (fit.length === 0) return false
    const gone = random.pick(fit)
    const rest = folds.filter((_, index) => index !== gone)
    const later = new Set(rest.slice(gone).flatMap(({ note: { events } }) => events.map(({ session }) => session)))
    const lost = folds[gone]?.note.events.some(({ session }) => later.has(session))
    if (lost !== true) return false
    await forger.rewriteFrom(rest, gone, (one) => one)
    return true
  },
}

const rewoundBoard: Attack = {
  name: 'the branch alone is put back to before the newest fold',
  at: 'quick',
  codes: ['board-rewound'],
  async run({ day, forger, random, folds }) {
    const { board, notes } = forger.box.layout
    const earlier = day.moments.filter((refs) => refs.get(notes) !== (folds.at(-1) as SealedFold).commit)
    if (earlier.length === 0) return false
    await forger.force(board, random.pick(earlier).get(board))
    return true
  },
}

const granted: Attack = {
  name: 'a claim is called not granted, and every checkpoint from there on is made anew',
  at: 'full',
  codes: ['granted-differs'],
  async run({ forger, folds, random }) {
    const replaced = new Set(folds.flatMap(({ note: { events } }) => events.flatMap(({ data }) => data.replaces ?? [])))
    const fit = folds.flatMap(({ note: { checkpoint } }, index) =>
      checkpoint.granted.some((oid) => replaced.has(oid)) ? [index] : [],
    )
    if (fit.length === 0) return false
    await forger.rewriteFrom(folds, random.pick(fit), (one) => ({
      ...one,
      checkpoint: { ...one.checkpoint, granted: [] },
    }))
    return true
  },
}

const record: Attack = {
  name: "a person's edit is put down to somebody else, and every checkpoint from there on is made anew",
  at: 'full',
  codes: ['record-differs'],
  async run({ forger, folds, random }) {
    const fit = folds.flatMap(({ note: { checkpoint } }, index) =>
      checkpoint.records.some(({ kind }) => kind === 'edit') ? [index] : [],
    )
    if (fit.length === 0) return false
    await forger.rewriteFrom(folds, random.pick(fit), (one) => ({
      ...one,
      checkpoint: {
        ...one.checkpoint,
        records: one.checkpoint.records.map((edit) => ({ ...edit, author: `${edit.author} Jr` })),
      },
    }))
    return true
  },
}

const trace: Attack = {
  name: 'the owner of a key signs an event under the trace of another task',
  at: 'full',
  codes: ['trace-differs'],
  async run({ forger, folds, random }) {
    const fit = folds.flatMap(({ note: { events } }, fold) =>
      events.filter(({ subject }) => subject !== undefined).map((event) => ({ fold, event })),
    )
    if (fit.length === 0) return false
    const { fold, event: old } = random.pick(fit)
    const other = await forger.signAsOwner({
      ...old,
      traceparent: traceparent(
        random
          .below(2 ** 32)
          .toString(16)
          .padStart(32, '1'),
        old.id.slice(0, 16),
      ),
    })
    await forger.rewriteFrom(folds, fold, (one) => ({
      ...one,
      events: one.events.map((event) => (event === old ? other : event)),
    }))
    return true
  },
}

const sweptUnsealed: Attack = {
  name: 'the note that sealed a completion is put back, its claim ref is gone, its event is still on the chain',
  at: 'full',
  codes: ['swept-unsealed', 'event-missing'],
  async run({ forger, folds, day, random }) {
    const last = newest({ folds } as Scene)
    const { layout, sha256 } = forger.box
    const refs = await day.fleet.refs()
    // One whose ref another claim or an edit keeps is sealed again by the next fold, and nothing is amiss.
    const swept = last.note.events.filter(
      (event) => eventType(event) === 'complete' && !refs.has(claimRef(layout, event.subject as TaskKey, sha256)),
    )
    if (folds.length < 2 || swept.length === 0) {
      // A completion of its own, sealed and swept by one fold.
      const { claimTask } = await import('../../../src/workflows/next.ts')
      const { finish } = await import('../../../src/workflows/finish.ts')
      const session = toSessionName(`late-${random.below(1e6)}`)
      const { box } = await day.fleet.clone()
      const taken = await claimTask(box, { session, task: `T${1 + random.below(9)}` })
      if (taken.kind !== 'granted') return false
      await finish(box, { session, task: undefined }, { kind: 'completed', evidence: {} })
      const before = (await day.fleet.refs()).get(forger.box.layout.notes)
      await sealAll(day, await day.fleet.clone())
      await forger.force(forger.box.layout.notes, before)
      return true
    }
    await forger.force(forger.box.layout.notes, (folds.at(-2) as SealedFold).commit)
    return true
  },
}

const shortRegistry: Attack = {
  name: 'the last statement is taken out of the registry of keys',
  at: 'audit',
  codes: ['registry-broken'],
  async run({ day }) {
    await grantAll(day)
    await day.fleet.edit((text) => text.split('\n').slice(0, -4).concat('').join('\n'), { file: REGISTRY_FILE })
    return true
  },
}

/** Ada says something about a key, and some time later its owner, or somebody with the key, goes on. */
function afterGrant(change: (scene: Scene) => Promise<SessionName>): Attack['run'] {
  return async (scene) => {
    const { day, random } = scene
    await grantAll(day)
    const session = await change(scene)
    day.fleet.clock.advance(60_000 * (5 + random.below(60)))
    await note((await day.fleet.clone()).box, session, 'T1', 'I go on')
    return true
  }
}

const revoked: Attack = {
  name: 'a key goes on after it was revoked',
  at: 'audit',
  codes: ['key-revoked'],
  run: afterGrant(async ({ day, random }) => {
    const session = random.pick(day.sessions)
    const { box } = await day.fleet.clone()
    const tools = { operator: ADA, pins: pinsOf(ADA), crypto: nodeSshCrypto }
    const publicKey = await box.keys.publicKey(session)
    const why = { kind: 'revoke', reason: 'stolen' } as const
    await grant(box, tools, { author: toSessionName('ada'), session, publicKey, change: why })
    return session
  }),
}

const expired: Attack = {
  name: 'a key goes on after its grant has ended',
  at: 'audit',
  codes: ['key-expired'],
  run: afterGrant(async ({ day, random }) => {
    day.fleet.clock.advance(86_400_000 * (31 + random.below(300)))
    return random.pick(day.sessions)
  }),
}

const another: Attack = {
  name: 'a key signs for another session than the one it was granted to',
  at: 'audit',
  codes: ['key-of-another'],
  async run({ day, random, forger }) {
    await grantAll(day)
    day.fleet.clock.advance(60_000 * (5 + random.below(60)))
    const { box } = await day.fleet.clone()
    const owner = random.pick(day.sessions)
    const keys = {
      publicKey: () => box.keys.publicKey(owner),
      sign: (_: SessionName, text: string) => forger.box.keys.sign(owner, text),
    }
    await note({ ...box, keys }, MALLORY, 'T1', 'I am somebody else')
    return true
  },
}

export const ATTACKS_ON_SEALS: readonly Attack[] = [
  forgedCheckpoint,
  foreignCommit,
  takenNote,
  droppedFold,
  rewoundBoard,
  granted,
  record,
  trace,
  sweptUnsealed,
  shortRegistry,
  revoked,
  expired,
  another,
]
