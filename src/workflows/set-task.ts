/** `set` and `reopen`: a field or the status of one task, changed as a person would type it, by compare-and-push. */
import type { EditableField } from '../board/index.ts'
import { IfBoardError, printable, type SessionName, type StatusWord, type TaskKey } from '../model/index.ts'
import { type Snapshot, type TaskItem, type TaskView, taskItem } from '../projection/index.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { findTask } from './find-task.ts'
import { preview, refuseCycle, viewAfter } from './preview.ts'
import type { Reading } from './read.ts'
import { boardText } from './read-branch.ts'
import { changedText } from './status-edit.ts'
import type { Toolbox } from './toolbox.ts'

export interface SetRequest {
  readonly task: string
  /** As typed: any of the words that a column may have. */
  readonly field: string
  readonly value: string
  /** Shown as author of the edit. */
  readonly author: string
}

export interface SetOutcome {
  readonly kind: 'set' | 'reopened' | 'unchanged'
  /** As it stands now. */
  readonly task: TaskItem
  readonly field: EditableField | 'status'
  /** Who holds the task goes on, and is shown the change. */
  readonly told: SessionName | undefined
  /** Whose claim ended with this; the session is told at its next command. */
  readonly revoked: SessionName | undefined
  /** Tasks that were not waiting for this one before. */
  readonly waitAgain: readonly TaskKey[]
}

/**
 * @throws IfBoardError `usage/invalid` (no such field), `task/unknown`, `task/cycle`, `task/no-effect`,
 *   `board/cannot-edit`, `authority/busy`, `authority/refused`
 */
export async function setTask(box: Toolbox, request: SetRequest): Promise<SetOutcome> {
  const field = await fieldOf(request.field)
  if (field === 'status') return setStatus(box, request)
  if (field === 'check' || field === 'run') await refuseUnknownJob(field, request.value)
  let outcome: Omit<SetOutcome, 'kind'> | undefined
  const pushed = await pushEdit(box, async (reading) => {
    const { task } = findTask(reading.snapshot, request.task)
    const { setFields } = await import('../board/index.ts')
    const before = await boardText(box, reading.branch, task.board)
    const text = setFields(before, task.board, [{ id: task.id, values: new Map([[field, request.value]]) }])
    const after = await preview(reading, task.board, text)
    refuseCycle(reading.snapshot, after)
    outcome = { field, ...effects(reading.snapshot, after, task.key) }
    if (text === before) return undefined
    const subject = `Set ${field} of ${printable(task.id, 60)}`
    return editFiles(box, reading, {
      author: request.author,
      subject,
      changes: new Map([[task.board as string, text]]),
    })
  })
  return { kind: pushed === 'changed' ? 'set' : 'unchanged', ...(outcome as Omit<SetOutcome, 'kind'>) }
}

/** On a board it is a finding of lint; here it can be said before every completion of the task is refused for it. */
async function refuseUnknownJob(field: 'check' | 'run', value: string): Promise<void> {
  const [{ jobText }, { parseJob }] = await Promise.all([import('../board/fields.ts'), import('../model/job.ts')])
  const text = jobText(value)
  const parsed = text === undefined ? undefined : parseJob(text)
  if (parsed?.kind !== 'malformed') return
  throw new IfBoardError('board/cannot-edit', `\`${printable(value, 60)}\` is no ${field}: ${parsed.reason}`, {
    hint: 'Write `js:PATH#sha256=HEX`, `wasm:PATH#sha256=HEX` or `cmd:WORDS` (docs/checks.md)',
  })
}

async function fieldOf(words: string): Promise<EditableField | 'status'> {
  const { columnNamed, EDITABLE_FIELDS } = await import('../board/index.ts')
  const field = columnNamed(words)
  if (field !== undefined && field !== 'id') return field
  throw new IfBoardError('usage/invalid', `\`${printable(words, 40)}\` is no field that can be set`, {
    hint: `Fields: status, ${EDITABLE_FIELDS.join(', ')}`,
  })
}

type Status = Exclude<StatusWord, 'unknown'>

async function setStatus(box: Toolbox, { task, value, author }: SetRequest): Promise<SetOutcome> {
  return changeStatus(box, task, {
    author,
    async read(reading, view) {
      const { statusMeant } = await import('../board/index.ts')
      const { status, note } = statusMeant(
        await boardText(box, reading.branch, view.task.board),
        view.task.board,
        value,
      )
      if (status === 'unknown' || value.trim() === '')
        throw new IfBoardError('usage/invalid', `\`${printable(value, 60)}\` is no status that this board knows`, {
          hint: 'Write available, claimed, review, done, blocked, paused or cancelled',
        })
      const subject = `Set status of ${printable(view.task.id, 60)}: ${status}`
      return { status, by: status === 'claimed' ? (note ?? author) : note, subject }
    },
  })
}

export interface ReopenRequest {
  readonly task: string
  readonly reason: string | undefined
  readonly author: string
}

/**
 * A task that is done, cancelled or set aside is open again; a claim that the board shows is taken back.
 *
 * @throws IfBoardError `task/unknown`, `task/no-effect`, `authority/busy`, `authority/refused`
 */
export async function reopen(box: Toolbox, { task, reason, author }: ReopenRequest): Promise<SetOutcome> {
  const why = reason === undefined ? '' : `: ${printable(reason, 1000)}`
  const outcome = await changeStatus(box, task, {
    author,
    read: async (_reading, view) => ({
      status: 'available',
      by: undefined,
      subject: `Reopen ${printable(view.task.id, 60)}${why}`,
    }),
  })
  return outcome.kind === 'set' ? { ...outcome, kind: 'reopened' } : outcome
}

interface StatusChange {
  readonly author: string
  readonly read: (
    reading: Reading,
    view: TaskView,
  ) => Promise<{ readonly status: Status; readonly by: string | undefined; readonly subject: string }>
}

/** Write the word, after the edit table was asked what it will do; what would do nothing is refused. */
async function changeStatus(box: Toolbox, task: string, { author, read }: StatusChange): Promise<SetOutcome> {
  let outcome: Omit<SetOutcome, 'kind'> | undefined
  const pushed = await pushEdit(box, async (reading) => {
    const view = findTask(reading.snapshot, task)
    const { status, by, subject } = await read(reading, view)
    const { before, text } = await changedText(box, reading, view, { status, by })
    const after = await preview(reading, view.task.board, text)
    const now = viewAfter(after, view.task.key)
    if (!isSo(status, now)) throw noEffect(status, view, now)
    outcome = { field: 'status', ...effects(reading.snapshot, after, view.task.key) }
    if (text === before) return undefined
    return editFiles(box, reading, { author, subject, changes: new Map([[view.task.board as string, text]]) })
  })
  return { kind: pushed === 'changed' ? 'set' : 'unchanged', ...(outcome as Omit<SetOutcome, 'kind'>) }
}

const STANDINGS: Readonly<Record<Status, readonly TaskView['judgement']['standing']['kind'][]>> = {
  available: ['open'],
  claimed: ['held-by-person', 'held'],
  review: ['paused', 'review'],
  done: ['settled-by-person', 'completed'],
  blocked: ['paused'],
  paused: ['paused'],
  cancelled: ['cancelled'],
}

/** Does the task stand as the word says? One that was paused while it was held goes on being held. */
function isSo(status: Status, { judgement: { standing, overruled }, task }: TaskView): boolean {
  if (status === 'available' && standing.kind === 'held') return task.status === 'claimed'
  return STANDINGS[status].includes(standing.kind) && !overruled
}

function noEffect(status: Status, { task, holder, claim }: TaskView, now: TaskView): IfBoardError {
  const id = printable(task.id, 60)
  const what = `\`${status}\` would change nothing for \`${id}\``
  const { kind } = now.judgement.standing
  if (kind === 'completed' || kind === 'review')
    return new IfBoardError(
      'task/no-effect',
      `${what}: ${claim?.session ?? 'a session'} completed it, and the board does not say so yet`,
      {
        hint: `if-board sync, then the same again`,
      },
    )
  if (kind === 'held')
    return new IfBoardError('task/no-effect', `${what}: ${holder} holds it, and the board does not say so yet`, {
      hint: `if-board release ${id} --of ${holder} takes it back now; if-board sync writes it into the board`,
    })
  return new IfBoardError('task/no-effect', `${what}: it stays ${kind.replace(/-/g, ' ')}`, {
    hint: `if-board why ${id}`,
  })
}

function effects(before: Snapshot, after: Snapshot, key: TaskKey): Omit<SetOutcome, 'kind' | 'field'> {
  const view = viewAfter(after, key)
  const revoked = view.judgement.revoked?.session ?? endedClaim(before.views.get(key), view)
  const isHeld = view.holder !== undefined && view.holder !== 'person' && revoked === undefined
  const waitAgain = [...after.views.values()].filter(
    ({ task, blockedBy }) => blockedBy.includes(key) && before.views.get(task.key)?.blockedBy.includes(key) === false,
  )
  return {
    task: taskItem(view),
    told: isHeld ? (view.holder as SessionName) : undefined,
    revoked,
    waitAgain: waitAgain.map(({ task }) => task.key),
  }
}

/** Who held it and does so no more: a word for done or cancelled ends a claim too. */
function endedClaim(before: TaskView | undefined, after: TaskView): SessionName | undefined {
  const { holder } = before ?? {}
  return holder !== undefined && holder !== 'person' && after.holder !== holder ? holder : undefined
}
