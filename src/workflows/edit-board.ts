/** Change a board or another file of the branch as a person would: one commit, by compare-and-push. */
import { type BoardName, encodeCommit, type GitObject, invariant, type ObjectId, objectId } from '../model/index.ts'
import type { MoveOutcome, RefMove } from '../ports/index.ts'
import { changeTree, type FileChanges } from './branch-tree.ts'
import { contains } from './fold-memory.ts'
import { busyError, LOCKED_TRIES, refusedError } from './not-moved.ts'
import { type Reading, read, type WholeReading } from './read.ts'
import { boardText } from './read-branch.ts'
import { sayableText } from './sayable.ts'
import type { Toolbox } from './toolbox.ts'

export interface BoardEdit {
  readonly board: BoardName
  /** Shown as author of the commit. */
  readonly author: string
  /** First line of the commit message. */
  readonly subject: string
  readonly change: (text: string) => string
}

export interface PreparedEdit {
  readonly move: RefMove
  readonly objects: readonly GitObject[]
  readonly commit: ObjectId
}

/** The commit that makes one edit, ready to ride in a push. */
export async function editBoard(box: Toolbox, reading: Reading, edit: BoardEdit): Promise<PreparedEdit> {
  const text = await boardText(box, reading.branch, edit.board)
  return editFiles(box, reading, { ...edit, changes: new Map([[edit.board as string, edit.change(text)]]) })
}

export interface FilesEdit {
  readonly author: string
  readonly subject: string
  readonly changes: FileChanges
}

/** UTF-16 code units. */
const MAX_SUBJECT = 500

export async function editFiles(box: Toolbox, reading: Reading, edit: FilesEdit): Promise<PreparedEdit> {
  const changed = await changeTree(box.objects, reading.branch.tree, edit.changes)
  const subject = await sayableText(box, {
    text: edit.subject,
    place: 'the message of the change',
    source: 'board',
    limit: MAX_SUBJECT,
  })
  const commit = encodeCommit({
    tree: changed.tree,
    parents: [reading.head],
    name: edit.author.replace(/[<>\n\r\0]/g, '') || 'if-board',
    email: 'edit@if-board.invalid',
    seconds: Math.floor(box.clock.now().wallMs / 1000),
    message: `${subject} [skip ci]\n\nChange asked for on the command line, id ${box.chance.hex(8)}.\n`,
  })
  const oid = objectId(commit, box.objects.hash)
  return {
    move: { ref: box.layout.board, expected: reading.head, next: oid },
    objects: [...changed.objects, commit],
    commit: oid,
  }
}

const MAX_TRIES = 8

/**
 * Read, edit, push; again when somebody else was faster. `prepare` answers `undefined` when
 * nothing has to change.
 *
 * @throws IfBoardError `authority/busy`, `authority/refused`, and whatever `prepare` throws
 */
export async function pushEdit(
  box: Toolbox,
  prepare: (reading: WholeReading) => Promise<PreparedEdit | undefined>,
): Promise<'changed' | 'unchanged'> {
  let last: MoveOutcome | undefined
  let tried: ObjectId | undefined
  let locked = 0
  for (let tries = 0; tries < MAX_TRIES && locked < LOCKED_TRIES; tries += 1) {
    const reading = await read(box)
    // It landed, and its answer was lost: made again, a new row would be there twice.
    if (tried !== undefined && (await contains(box, reading.head, tried))) return 'changed'
    const edit = await prepare(reading)
    if (edit === undefined) return 'unchanged'
    const written = await box.objects.write(edit.objects)
    invariant(written.at(-1) === edit.commit, 'the edit’s commit is its last object')
    const outcome = await box.refs.moveAll([edit.move])
    if (outcome.kind === 'moved') return 'changed'
    tried = edit.commit
    if (outcome.kind === 'refused') throw refusedError(outcome, 'changes of the board')
    if (outcome.kind === 'busy' && outcome.lock !== undefined) locked += 1
    last = outcome
    await box.clock.sleep(box.chance.fraction() * Math.min(50 * 2 ** tries, 1500))
  }
  throw busyError(last, 'the board could not be changed', 'Try again in a moment')
}
