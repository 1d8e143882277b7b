/**
 * Somebody with push rights and a key of their own, who rewrites a log as well as anybody could.
 *
 * Works on the refs and objects of a fleet in memory: nothing here asks the program's rules for leave. `restore` puts
 * every ref back, so that one history serves for many attacks.
 */
import { seededKeyRing } from '../../src/adapters/memory/local.ts'
import {
  encodeCommit,
  type ObjectId,
  objectId,
  type RefName,
  type SessionName,
  type SignedEvent,
} from '../../src/model/index.ts'
import {
  type Checkpoint,
  encodeEventCommit,
  type Note,
  renderNote,
  renderNotesMessage,
  type SignedCheckpoint,
  sealedSessionsOf,
  sealOf,
  signCheckpoint,
  signEvent,
} from '../../src/witness/index.ts'
import { changeTree, findEntry, readCommit, readText } from '../../src/workflows/branch-tree.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { notesCommits, sealedNotes } from '../../src/workflows/witness/sealed-log.ts'
import type { Clone, Fleet } from './fleet.ts'
import type { History } from './history.ts'

export const MALLORY = 'mallory' as SessionName
/** One ring for every forger: a key is read once. */
const KEYS = seededKeyRing('mallory')

export interface SealedFold {
  /** Commit of the notes ref. */
  readonly commit: ObjectId
  readonly note: Note
}

/** What becomes of the note of one fold. */
export type Mutation = (note: Note) => Promise<Note> | Note

export class Forger {
  readonly #fleet: Fleet
  readonly #box: Toolbox
  readonly #refs: ReadonlyMap<RefName, ObjectId>
  readonly keys = KEYS

  private constructor({ fleet }: History, clone: Clone, refs: ReadonlyMap<RefName, ObjectId>) {
    this.#fleet = fleet
    this.#box = clone.box
    this.#refs = refs
  }

  static async on(day: History): Promise<Forger> {
    return new Forger(day, day.clones[0] as Clone, await day.fleet.refs())
  }

  get box(): Toolbox {
    return this.#box
  }

  get refs(): ReadonlyMap<RefName, ObjectId> {
    return this.#refs
  }

  /** Every ref as it was when the forger came. */
  async restore(): Promise<void> {
    for (const ref of (await this.#fleet.refs()).keys()) if (!this.#refs.has(ref)) await this.force(ref, undefined)
    for (const [ref, oid] of this.#refs) await this.force(ref, oid)
  }

  force(ref: string, oid: ObjectId | undefined): Promise<void> {
    return this.#fleet.force(ref as RefName, oid)
  }

  /** Oldest first. */
  async folds(): Promise<SealedFold[]> {
    const notes: Note[] = []
    for await (const { note } of sealedNotes(this.#box, this)) notes.push(note)
    const commits: ObjectId[] = []
    for await (const { commit, isReplaced } of notesCommits(this.#box, this)) if (!isReplaced) commits.unshift(commit)
    return notes.map((note, index) => ({ note, commit: commits[index] as ObjectId }))
  }

  /** The note of one fold is replaced in the tree; the newest commit of the ref says what it said, or `says`. */
  async replaceNote(fold: SealedFold, text: string, says?: string): Promise<void> {
    const tip = this.#refs.get(this.#box.layout.notes) as ObjectId
    const { tree, parents, message } = await readCommit(this.#box.objects, tip)
    await this.#putNotes(await this.#withNote(tree, fold.note.checkpoint.board, text), parents, says ?? message)
  }

  /** One more commit on the notes ref, with any message; `board`: whose note is taken out of the tree. */
  async topNotes(message: string, board?: ObjectId): Promise<void> {
    const tip = this.#refs.get(this.#box.layout.notes) as ObjectId
    const { tree } = await readCommit(this.#box.objects, tip)
    const path = board === undefined ? undefined : `${board.slice(0, 2)}/${board.slice(2)}`
    const changed = await changeTree(this.#box.objects, tree, new Map(path === undefined ? [] : [[path, undefined]]))
    await this.#box.objects.write(changed.objects)
    await this.#putNotes(changed.tree, [tip], message)
  }

  /** Any files of the newest tree of the notes ref; its message stays, and its parents, unless it shall be a prune's. */
  async replaceFiles(files: ReadonlyMap<string, string | undefined>, as?: 'prune'): Promise<void> {
    const tip = this.#refs.get(this.#box.layout.notes) as ObjectId
    const { tree, parents, message } = await readCommit(this.#box.objects, tip)
    const changed = await changeTree(this.#box.objects, tree, files)
    await this.#box.objects.write(changed.objects)
    await this.#putNotes(changed.tree, as === 'prune' ? [] : parents, message)
  }

  /** The text of a file of the newest tree of the notes ref. */
  async notesFile(path: string): Promise<string> {
    const { tree } = await readCommit(this.#box.objects, this.#refs.get(this.#box.layout.notes) as ObjectId)
    return readText(this.#box.objects, (await findEntry(this.#box.objects, tree, path))?.oid as ObjectId)
  }

  /** A checkpoint with something changed, signed by a key of the forger's in a name of its own. */
  async signCheckpoint(checkpoint: Checkpoint): Promise<SignedCheckpoint> {
    const folder = { session: MALLORY, key: await this.keys.publicKey(MALLORY) }
    const sign = (text: string) => this.keys.sign(MALLORY, text)
    return signCheckpoint({ ...checkpoint, folder }, sign, this.#box.sha256Bytes)
  }

  /** From this fold on, the whole log is written again: roots, ends and signatures fit, by a key of the forger's. */
  async rewriteFrom(folds: readonly SealedFold[], index: number, mutate: Mutation): Promise<void> {
    const before = folds[index - 1]
    let parent = before?.commit
    let previous: Checkpoint | undefined = before?.note.checkpoint
    let tree = parent === undefined ? undefined : (await readCommit(this.#box.objects, parent)).tree
    for (const [offset, { note }] of folds.slice(index).entries()) {
      const changed = offset === 0 ? await mutate(note) : note
      const signed = await this.#resign(changed, previous)
      tree = await this.#withNote(tree, note.checkpoint.board, renderNote(changed.events, signed))
      const parents = parent === undefined ? [] : [parent]
      parent = await this.#putNotes(tree, parents, renderNotesMessage(signed))
      previous = signed.checkpoint
    }
  }

  /** The event as if the forger had said it: signed by the forger's key, which `key` may hide behind the owner's. */
  async sign(event: SignedEvent, key: 'own' | 'named' = 'own'): Promise<SignedEvent> {
    const { signature: _, ...body } = event
    const sessionkey = key === 'own' ? await this.keys.publicKey(MALLORY) : body.sessionkey
    return signEvent({ ...body, sessionkey }, (text) => this.keys.sign(MALLORY, text))
  }

  /** The event as its owner would sign it: for attacks by the owner. */
  signAsOwner(event: SignedEvent): Promise<SignedEvent> {
    const { signature: _, ...body } = event
    return signEvent(body, (text) => this.#box.keys.sign(body.session, text))
  }

  async write(event: SignedEvent): Promise<ObjectId> {
    const [oid] = await this.#box.objects.write([encodeEventCommit(event, this.#box.emptyTree)])
    return oid as ObjectId
  }

  async writeCommit(message: string): Promise<ObjectId> {
    const who = { name: 'Mallory', email: 'mallory@example.invalid', seconds: 1_762_939_800 }
    const [oid] = await this.#box.objects.write([
      encodeCommit({ ...who, tree: this.#box.emptyTree, parents: [], message }),
    ])
    return oid as ObjectId
  }

  async #resign(note: Note, previous: Checkpoint | undefined): Promise<SignedCheckpoint> {
    const { sha256Bytes, sha256 } = this.#box
    const { fold, frontier, root } = sealOf(note.events, previous, sha256Bytes)
    const carried = note.events.map((event) => ({ event, oid: this.#commitOf(event) }))
    const commits = new Set(carried.map(({ oid }) => oid))
    const checkpoint: Checkpoint = {
      ...note.checkpoint,
      fold,
      frontier,
      root,
      sealed: sealedSessionsOf(carried, sha256),
      granted: note.checkpoint.granted.filter((oid) => commits.has(oid)),
      folder: { session: MALLORY, key: await this.keys.publicKey(MALLORY) },
    }
    return signCheckpoint(checkpoint, (text) => this.keys.sign(MALLORY, text), sha256Bytes)
  }

  #commitOf(event: SignedEvent): ObjectId {
    return objectId(encodeEventCommit(event, this.#box.emptyTree), this.#box.objects.hash)
  }

  async #withNote(tree: ObjectId | undefined, board: ObjectId, text: string): Promise<ObjectId> {
    const changed = await changeTree(
      this.#box.objects,
      tree,
      new Map([[`${board.slice(0, 2)}/${board.slice(2)}`, text]]),
    )
    await this.#box.objects.write(changed.objects)
    return changed.tree
  }

  async #putNotes(tree: ObjectId, parents: readonly ObjectId[], message: string): Promise<ObjectId> {
    const commit = encodeCommit({ tree, parents, name: 'x', email: 'x@example.invalid', seconds: 1, message })
    const [oid] = await this.#box.objects.write([commit])
    await this.force(this.#box.layout.notes, oid)
    return oid as ObjectId
  }
}
