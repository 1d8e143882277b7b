/** What the room is handed of the outside: the boards of the folder that the server was started in. */
import type { Watch } from '../ports/index.ts'
import type { Asker, Place } from '../workflows/identity.ts'
import type { Toolbox } from '../workflows/toolbox.ts'

/** Opened for one request and closed after it, as a command does: a hub that was bound anew meanwhile is found. */
export interface OpenedBoards {
  readonly box: Toolbox
  readonly place: Place
  readonly asker: Asker
  /** Where a change is worth a question at once; absent at a remote authority. */
  readonly openWatch?: () => Promise<Watch>
  close(): Promise<void>
}

export interface Boards {
  /**
   * Waits of what was opened end when `stop` is aborted.
   *
   * @throws IfBoardError `repo/not-found`, `board/not-initialised`, `authority/unreachable` and their like
   */
  open(stop: AbortSignal): Promise<OpenedBoards>
  /** Version of this program. */
  readonly version: string
  /** One line for people, on standard error. */
  readonly talk: (line: string) => void
}
