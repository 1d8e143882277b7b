/** Attacks on refs, state files and notes as texts: what is put back, planted, or written over. */
import type { RefName } from '../../../src/model/index.ts'
import { canonicalJson, renderNote } from '../../../src/witness/index.ts'
import { anchorOf } from '../../../src/witness/verify/index.ts'
import { note } from '../../../src/workflows/adjust.ts'
import { MALLORY, type SealedFold } from '../../support/forger.ts'
import { grantAll, type Random, sealAll } from '../../support/history.ts'
import type { Attack, Scene } from './attack.ts'

const rollBackNotes: Attack = {
  name: 'the notes ref is put back by two folds or more',
  at: 'quick',
  codes: ['notes-rewound'],
  async run({ folds, random, forger }) {
    if (folds.length < 3) return false
    await forger.force(forger.box.layout.notes, (folds[random.below(folds.length - 2)] as SealedFold).commit)
    return true
  },
}

const claimWithoutEvent: Attack = {
  name: 'a claim ref holds a commit without an event',
  at: 'quick',
  codes: ['claim-without-event'],
  async run({ random, forger, folds }) {
    const refs = [...forger.refs.keys()].filter((ref) => ref.startsWith(forger.box.layout.claims))
    const ref =
      refs.length > 0 && random.fraction() < 0.5 ? random.pick(refs) : `${forger.box.layout.claims}t1-00000000`
    const oids = [await forger.writeCommit(`hello ${random.below(1e9)}\n`), ...folds.map(({ commit }) => commit)]
    await forger.force(ref, random.pick(oids))
    return true
  },
}

const changeCost: Attack = {
  name: 'the cost of a completion is changed in the state files',
  at: 'full',
  codes: ['state-differs'],
  async run(scene) {
    return editState(scene, (line) => (line.includes('"done"') ? raised(line, scene.random) : line))
  },
}

function raised(line: string, random: Random): string {
  const value = JSON.parse(line) as { done: { costUsd?: number; seal?: string } }
  if (value.done?.seal === undefined) return line
  value.done.costUsd = (value.done.costUsd ?? 0) + 1 + random.below(50)
  return JSON.stringify(value)
}

const changeLedger: Attack = {
  name: 'what was counted as spent is changed in the ledger',
  at: 'full',
  codes: ['ledger-differs'],
  async run({ day, random, forger }) {
    const file = '.if-board/state/ledger'
    const { findEntry, readCommit, readText } = await import('../../../src/workflows/branch-tree.ts')
    const { tree } = await readCommit(forger.box.objects, await day.fleet.head())
    const entry = await findEntry(forger.box.objects, tree, file)
    if (entry === undefined) return false
    const lines = (await readText(forger.box.objects, entry.oid)).split('\n').slice(0, -1)
    const at = random.below(lines.length)
    const account = JSON.parse(lines[at] as string) as { spent: { microUsd: number } }
    account.spent.microUsd += 1 + random.below(1e6)
    const after = lines.with(at, canonicalJson(account))
    await day.fleet.edit(() => `${after.join('\n')}\n`, { file })
    return true
  },
}

async function editState({ day, forger }: Scene, change: (line: string) => string): Promise<boolean> {
  const { listFiles, readCommit, readText } = await import('../../../src/workflows/branch-tree.ts')
  const { objects } = forger.box
  const { tree } = await readCommit(objects, await day.fleet.head())
  for (const [path, blob] of await listFiles(objects, tree, () => false)) {
    if (!/^\.if-board\/state\/[0-9a-f]{2}$/.test(path)) continue
    const before = await readText(objects, blob)
    const after = before.split('\n').map((line) => (line === '' ? line : change(line)))
    if (after.join('\n') === before) continue
    await day.fleet.edit(() => after.join('\n'), { file: path })
    return true
  }
  return false
}

const changeNote: Attack = {
  name: 'a note is changed anywhere',
  at: 'chain',
  codes: ['note-unreadable', 'note-changed', 'root-differs', 'note-missing'],
  async run({ folds, random, forger }) {
    const fold = random.pick(folds)
    const text = renderNote(fold.note.events, fold.note)
    const at = random.below(text.length)
    const other = String.fromCharCode(33 + ((text.charCodeAt(at) + random.below(80)) % 90))
    const changed = [
      `${text.slice(0, at)}${other}${text.slice(at + 1)}`,
      `${text.slice(0, at)}${text.slice(at + 1)}`,
      `${text}\nremark\n`,
      text.replace('\n', '\r\n'),
      canonicalJson({ remark: 'nothing to see here' }),
      '',
    ].filter((one) => one !== text)
    await forger.replaceNote(fold, random.pick(changed))
    return true
  },
}

const replaceRefs: Attack = {
  name: 'a replace ref is planted',
  at: 'quick',
  codes: ['replace-refs'],
  async run({ folds, random, replaced }) {
    replaced.push(`refs/replace/${random.pick(folds).commit}` as RefName)
    return true
  },
}

const rollBackAll: Attack = {
  name: 'branch, notes, claims and chains are put back together, and this clone has seen more',
  at: 'quick',
  codes: ['rolled-back'],
  async run(scene) {
    const { folds, anchors } = scene
    if (!(await putBackAll(scene))) return false
    anchors.push(anchorOf((folds.at(-1) as SealedFold).note.checkpoint, 'here'))
    return true
  },
}

/** To any moment before the newest fold. */
export async function putBackAll({ day, forger, random }: Scene): Promise<boolean> {
  const { notes, board } = forger.box.layout
  const earlier = day.moments.filter((refs) => refs.get(notes) !== forger.refs.get(notes) && refs.has(board))
  if (earlier.length === 0) return false
  const moment = random.pick(earlier)
  for (const ref of forger.refs.keys()) if (!moment.has(ref)) await forger.force(ref, undefined)
  for (const [ref, oid] of moment) await forger.force(ref, oid)
  return true
}

const rollBackOne: Attack = {
  name: 'the notes ref is put back by one fold, and this clone has seen more',
  at: 'quick',
  codes: ['rolled-back'],
  async run({ folds, forger, anchors }) {
    if (folds.length < 2) return false
    await forger.force(forger.box.layout.notes, (folds.at(-2) as SealedFold).commit)
    anchors.push(anchorOf((folds.at(-1) as SealedFold).note.checkpoint, 'here'))
    return true
  },
}

const chainGarbage: Attack = {
  name: 'a session ref is pointed at something that is no event of its session',
  at: 'quick',
  codes: ['chain-unreadable'],
  async run({ random, forger }) {
    const refs = [...forger.refs.keys()].filter((ref) => ref.startsWith(forger.box.layout.sessions))
    if (refs.length === 0) return false
    await forger.force(random.pick(refs), await forger.writeCommit(`hello ${random.below(1e9)}\n`))
    return true
  },
}

const unregistered: Attack = {
  name: 'a key that no operator granted signs, where operators grant keys',
  at: 'audit',
  codes: ['key-unregistered'],
  async run({ day, random }) {
    await grantAll(day)
    day.fleet.clock.advance(60_000 * (5 + random.below(60)))
    const { box } = await day.fleet.clone()
    await note(box, MALLORY, `T${1 + random.below(9)}`, 'I belong here')
    if (random.fraction() < 0.5) await sealAll(day, await day.fleet.clone())
    return true
  },
}

export const ATTACKS_ON_REFS: readonly Attack[] = [
  rollBackNotes,
  claimWithoutEvent,
  changeCost,
  changeLedger,
  changeNote,
  replaceRefs,
  rollBackAll,
  rollBackOne,
  chainGarbage,
  unregistered,
]
