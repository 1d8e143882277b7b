/** From what a person typed to one task: `P0.1.2`, `board:P0.1.2`, or the only one held. */
import {
  type ClaimRecord,
  IfBoardError,
  isTaskId,
  printable,
  type SessionName,
  splitTaskKey,
  type TaskKey,
} from '../model/index.ts'
import { heldBy, type Snapshot, type TaskView } from '../projection/index.ts'

/**
 * @throws IfBoardError `task/unknown`, `task/ambiguous`
 */
export function findTask(snapshot: Snapshot, text: string): TaskView {
  const exact = snapshot.views.get(text as TaskKey)
  if (exact !== undefined) return exact
  const wanted = text.toLowerCase()
  const matches = [...snapshot.views.values()].filter(
    ({ task }) => task.id === text || `${boardStem(task.board)}:${task.id}` === text,
  )
  const loose =
    matches.length > 0 ? matches : [...snapshot.views.values()].filter(({ task }) => task.id.toLowerCase() === wanted)
  if (loose.length === 1) return loose[0] as TaskView
  if (loose.length > 1)
    throw new IfBoardError(
      'task/ambiguous',
      `\`${printable(text, 60)}\` is on several boards: ${loose.map(({ task }) => `\`${task.key}\``).join(', ')}`,
      { hint: `Name the board too, such as ${loose[0]?.task.key}` },
    )
  throw unknownTask(snapshot, text)
}

/** File name of a board without folder and ending. */
export function boardStem(board: string): string {
  return board.replace(/^.*\//, '').replace(/\.[^.]*$/, '')
}

function unknownTask(snapshot: Snapshot, text: string): IfBoardError {
  const near = isTaskId(text)
    ? [...snapshot.views.values()]
        .map(({ task }) => ({ id: task.id, distance: distance(task.id.toLowerCase(), text.toLowerCase()) }))
        .filter(({ distance: far }) => far <= 2)
        .sort((a, b) => a.distance - b.distance)[0]
    : undefined
  return new IfBoardError('task/unknown', `no board has a task \`${printable(text, 60)}\``, {
    hint: near === undefined ? 'if-board list' : `Did you mean \`${near.id}\`? All tasks: if-board list`,
  })
}

/** Levenshtein distance, for short ids; beyond 40 characters everything is far. */
function distance(a: string, b: string): number {
  if (a.length > 40 || b.length > 40) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}

export type HeldTask =
  | { readonly kind: 'row'; readonly view: TaskView; readonly claim: ClaimRecord }
  | { readonly kind: 'orphan'; readonly claim: ClaimRecord }

/** Everything the session holds, rows first, then claims whose row is gone. */
export function heldTasks(snapshot: Snapshot, session: SessionName): HeldTask[] {
  const rows = heldBy(snapshot, session).flatMap((view): HeldTask[] =>
    view.claim === undefined ? [] : [{ kind: 'row', view, claim: view.claim }],
  )
  const orphans = snapshot.orphans
    .filter((claim) => claim.session === session && claim.kind === 'granted')
    .map((claim): HeldTask => ({ kind: 'orphan', claim }))
  return [...rows, ...orphans]
}

/**
 * The one task that a command without an id means.
 *
 * @throws IfBoardError `claim/none-held`, `claim/several-held`
 */
export function theOnlyHeld(snapshot: Snapshot, session: SessionName, command: string): HeldTask {
  const held = heldTasks(snapshot, session)
  if (held.length === 1) return held[0] as HeldTask
  if (held.length === 0)
    throw new IfBoardError('claim/none-held', `${session} holds no task`, { hint: 'if-board next' })
  const ids = held.map(({ claim }) => splitTaskKey(claim.key).id)
  throw new IfBoardError('claim/several-held', `${session} holds ${ids.length} tasks: ${ids.join(', ')}`, {
    hint: `if-board ${command} ${ids[0]}`,
  })
}
