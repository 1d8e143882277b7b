/** How everything would stand once a board says something else, or is there. */
import { cycleDiagnostics } from '../graph/index.ts'
import { type BoardName, IfBoardError, invariant, type TaskKey } from '../model/index.ts'
import { type Snapshot, type TaskView, takeSnapshot } from '../projection/index.ts'
import type { WholeReading } from './read.ts'

export async function preview({ facts }: WholeReading, board: BoardName, text: string): Promise<Snapshot> {
  const { parseBoard } = await import('../board/index.ts')
  const now = parseBoard(text, board, facts.config)
  const isNew = facts.boards.every((parsed) => parsed.board.name !== board)
  const boards = facts.boards.map((parsed) => (parsed.board.name === board ? now : parsed))
  if (isNew) boards.push(now)
  return takeSnapshot({ ...facts, boards })
}

/** A change of ours keeps every row that it is about. */
export function viewAfter(snapshot: Snapshot, key: TaskKey): TaskView {
  const view = snapshot.views.get(key)
  invariant(view !== undefined, `\`${key}\` is on its board`)
  return view
}

/** @throws IfBoardError `task/cycle` when tasks would wait for each other that do not yet */
export function refuseCycle(before: Snapshot, after: Snapshot): void {
  const known = new Set(cycleDiagnostics(before.project).map(({ message }) => message))
  const cycle = cycleDiagnostics(after.project).find(({ message }) => !known.has(message))
  if (cycle === undefined) return
  throw new IfBoardError('task/cycle', `with this ${cycle.message}`, {
    hint: 'Decide which of them comes first, and name the dependencies accordingly',
  })
}
