/** The desk for one board, in the work tree that the command was asked in. */
import { gitEditDesk, keptEdits } from '../../adapters/git/edit-desk.ts'
import { type BoardName, refKey } from '../../model/index.ts'
import type { EditDesk } from '../../ports/index.ts'
import type { Opened } from './open.ts'

export function editDesk({ repository, box }: Opened, board: BoardName): EditDesk {
  return gitEditDesk(repository, refKey(board, box.sha256))
}

export function keptBoards({ repository }: Opened): Promise<readonly BoardName[]> {
  return keptEdits(repository)
}
