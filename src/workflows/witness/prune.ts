/**
 * `witness prune`: the events of old folds go, their checkpoints stay, and the chain of who did it says so.
 *
 *     read → plan (what is old, and is as it was sealed) → N′ without parents → push {event on the chain, notes N→N′}
 *
 * The states, and what a crash leaves, are in docs/retention.md. Of a prune and a fold, or two prunes, at most one
 * moves the notes ref from one value; the other reads and plans again.
 */
import {
  type EpochMs,
  encodeCommit,
  IfBoardError,
  type ObjectId,
  objectId,
  type SessionName,
} from '../../model/index.ts'
import type { MoveOutcome } from '../../ports/index.ts'
import {
  type Checkpoint,
  foldTime,
  formatTime,
  HISTORY_PATH,
  KEPT_NOTHING,
  keptAfter,
  LEAST_AGE_MS,
  MAX_HISTORY_LENGTH,
  type Note,
  type PastNotes,
  parseNote,
  parseNotesMessage,
  renderNote,
  renderNotesHistory,
  type SignedCheckpoint,
  sealHolds,
  verifyCheckpoint,
} from '../../witness/index.ts'
import type { VerifyTools } from '../../witness/verify/index.ts'
import { changeTree, readCommit, readText } from '../branch-tree.ts'
import { FOLD_EMAIL } from '../fold-memory.ts'
import { busyError, refusedError } from '../not-moved.ts'
import { say } from '../publish.ts'
import { type Reading, read } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { noteFiles, notesCommits } from './sealed-log.ts'

export interface PruneRequest {
  /** Who says the event. */
  readonly author: SessionName
  /** Folds from then on keep their events. */
  readonly before: EpochMs
  readonly mode: 'prune' | 'dry-run'
  readonly verify: VerifyTools['verify']
}

export type PruneOutcome =
  | ({ readonly kind: 'pruned' | 'would-prune' } & Taken)
  /** No fold is as old as that, or all of them were pruned before. */
  | { readonly kind: 'nothing' }

export interface Taken {
  /** Number of the newest fold that loses its events. */
  readonly throughFold: number
  /** Folds that lose events, and how many these are. */
  readonly folds: number
  readonly events: number
}

const MAX_TRIES = 8

/**
 * @throws IfBoardError `witness/too-young`, `witness/not-as-sealed`, `board/too-large`, `authority/busy`,
 *   `authority/refused`, and what `read` throws
 */
export async function prune(box: Toolbox, asked: PruneRequest): Promise<PruneOutcome> {
  // Whole milliseconds, as the event will say it.
  const request = { ...asked, before: Math.floor(asked.before) }
  refuseYoung(box, request.before)
  let last: MoveOutcome | undefined
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reading = await read(box)
    const plan = await planPrune(box, reading, request)
    if (plan === undefined) return { kind: 'nothing' }
    const { throughFold, events, shortened } = plan
    const taken: Taken = { throughFold, events, folds: shortened.length }
    if (request.mode === 'dry-run') return { kind: 'would-prune', ...taken }
    last = await push(box, reading, { plan, request })
    if (last.kind === 'moved') return { kind: 'pruned', ...taken }
    if (last.kind === 'refused')
      throw refusedError(last, 'a prune, which puts the notes ref on a commit without parents')
    await box.clock.sleep(box.chance.fraction() * Math.min(50 * 2 ** tries, 1500))
  }
  throw busyError(last, 'the log could not be pruned', 'Try again in a moment: the same command')
}

function refuseYoung({ clock }: Toolbox, before: EpochMs): void {
  const latest = clock.now().wallMs - LEAST_AGE_MS
  if (before <= latest) return
  const days = LEAST_AGE_MS / 86_400_000
  throw new IfBoardError('witness/too-young', `what is younger than ${days} days stays in the log`, {
    hint: `Name a time up to ${formatTime(latest).slice(0, 10)}: if-board witness prune --older-than ${days}`,
  })
}

interface Plan {
  /** The notes ref as it was read, its tree, and its message, which repeats the newest checkpoint. */
  readonly tip: ObjectId
  readonly tree: ObjectId
  readonly message: string
  /** Every commit that the ref has held, newest first. */
  readonly past: readonly PastNotes[]
  readonly throughFold: number
  readonly events: number
  readonly kept: string
  readonly shortened: readonly Shortened[]
}

interface Shortened {
  readonly paths: readonly string[]
  readonly text: string
}

/** `undefined`: there is nothing to take. */
async function planPrune(box: Toolbox, reading: Reading, request: PruneRequest): Promise<Plan | undefined> {
  const tip = reading.refs.get(box.layout.notes)
  if (tip === undefined) return undefined
  const { tree, message } = await readCommit(box.objects, tip)
  if (parseNotesMessage(message) === undefined)
    throw notAsSealed('the newest commit of the notes ref has no checkpoint')
  const past: PastNotes[] = []
  const folds: SignedCheckpoint[] = []
  for await (const { commit, signed, isReplaced } of notesCommits(box, reading)) {
    past.push({ commit, board: signed?.checkpoint.board })
    if (signed !== undefined && !isReplaced) folds.push(signed)
  }
  const prefix = new Prefix(box, request, await filesByBoard(box, reading))
  for (const signed of folds.reverse()) if (!(await prefix.take(signed))) break
  const { through, shortened, events } = prefix
  return through === undefined ? undefined : { tip, tree, message, past, shortened, events, ...through }
}

interface NotePaths {
  /** Where several files are the note of one commit, which git never leaves so, each is one. */
  readonly paths: string[]
  blob: ObjectId
}

async function filesByBoard(box: Toolbox, reading: Reading): Promise<ReadonlyMap<string, NotePaths>> {
  const boards = new Map<string, NotePaths>()
  for (const { path, blob } of await noteFiles(box, reading)) {
    const board = path.replaceAll('/', '')
    const known = boards.get(board)
    if (known === undefined) boards.set(board, { paths: [path], blob })
    else {
      known.paths.push(path)
      known.blob = blob
    }
  }
  return boards
}

/** The folds at the beginning of the log that are old enough, one after the other. */
class Prefix {
  readonly #box: Toolbox
  readonly #request: PruneRequest
  readonly #files: ReadonlyMap<string, NotePaths>
  readonly shortened: Shortened[] = []
  /** The newest fold that loses events. */
  through: { readonly throughFold: number; readonly kept: string } | undefined
  events = 0
  #previous: Checkpoint | undefined
  #kept = KEPT_NOTHING

  constructor(box: Toolbox, request: PruneRequest, files: ReadonlyMap<string, NotePaths>) {
    this.#box = box
    this.#request = request
    this.#files = files
  }

  /** False: this fold is too young, so it ends here. @throws IfBoardError `witness/not-as-sealed` */
  async take(signed: SignedCheckpoint): Promise<boolean> {
    const { checkpoint } = signed
    const at = foldTime(checkpoint.records)
    if (at === undefined || at >= this.#request.before) return false
    const file = this.#files.get(checkpoint.board)
    const note = file === undefined ? undefined : parseNote(await readText(this.#box.objects, file.blob))
    if (file === undefined || note === undefined)
      throw notAsSealed(`the note of fold ${checkpoint.fold} is gone or broken`)
    this.#refuseChanged(signed, note)
    this.#kept = keptAfter(this.#kept, signed, this.#box.sha256)
    this.#previous = checkpoint
    if (note.events.length > 0) {
      this.shortened.push({ paths: file.paths, text: renderNote([], signed) })
      this.events += note.events.length
      this.through = { throughFold: checkpoint.fold, kept: this.#kept }
    }
    return true
  }

  /** Once the events are gone nobody can tell whether they were those that were sealed. */
  #refuseChanged(signed: SignedCheckpoint, note: Note): void {
    const { fold, frontier } = signed.checkpoint
    const isSame = renderNote([], note) === renderNote([], signed)
    const wasPruned = note.events.length === 0 && frontier.size > (this.#previous?.frontier.size ?? 0)
    const holds = wasPruned || sealHolds(note, this.#previous, this.#box.sha256Bytes)
    if (!isSame || !holds || !verifyCheckpoint(signed, this.#request.verify, this.#box.sha256Bytes))
      throw notAsSealed(`the note of fold ${fold} is not what was sealed`)
  }
}

function notAsSealed(what: string): IfBoardError {
  return new IfBoardError('witness/not-as-sealed', `${what}, so nothing is pruned`, {
    hint: 'if-board witness verify says what is wrong',
  })
}

interface Pushing {
  readonly plan: Plan
  readonly request: PruneRequest
}

async function push(box: Toolbox, reading: Reading, { plan, request }: Pushing): Promise<MoveOutcome> {
  const { tip, throughFold, events, kept } = plan
  const texts = plan.shortened.flatMap(({ paths, text }) => paths.map((path) => [path, text] as const))
  const files = new Map([...texts, [HISTORY_PATH, historyOf(plan)]])
  const changed = await changeTree(box.objects, plan.tree, files)
  const seconds = Math.floor(box.clock.now().wallMs / 1000)
  const who = { name: request.author as string, email: FOLD_EMAIL, seconds }
  const commit = encodeCommit({ ...who, tree: changed.tree, parents: [], message: plan.message })
  const { outcome } = await say(box, reading, {
    session: request.author,
    type: 'pruned',
    data: { pruned: { throughFold, before: formatTime(request.before), events, kept } },
    // Behind the event: a server that dies between the two leaves a prune that was announced and not made.
    behind: [{ ref: box.layout.notes, expected: tip, next: objectId(commit, box.objects.hash) }],
    moreObjects: [...changed.objects, commit],
  })
  return outcome
}

function historyOf({ past }: Plan): string {
  const text = renderNotesHistory(past)
  if (text.length <= MAX_HISTORY_LENGTH) return text
  throw new IfBoardError('board/too-large', `the log has ${past.length} folds, more than a prune can list`, {
    hint: 'Begin another board for further work; this one keeps its log whole',
  })
}
