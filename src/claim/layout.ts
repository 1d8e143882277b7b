/** Where the coordination refs are, by the two layouts that servers allow. */
import type { BranchName, RefName, SessionName, Sha256, TaskKey } from '../model/index.ts'
import { BOARD_BRANCH, branchRef, refKey, taskRefKey } from '../model/index.ts'

export interface RefLayout {
  readonly kind: 'custom' | 'heads'
  /** Short name of the coordination branch, for people. */
  readonly branch: BranchName
  readonly board: RefName
  readonly notes: RefName
  readonly mode: RefName
  readonly claims: string
  readonly sessions: string
}

/**
 * `custom`: refs under `refs/if-board/`. `heads`: all below `refs/heads/if-board/`, where beats are normal
 * children. The boards' branch may have any name; that of the other refs never changes with it.
 */
export function refLayout(kind: 'custom' | 'heads', branch: BranchName = BOARD_BRANCH): RefLayout {
  const board = branchRef(branch)
  if (kind === 'custom')
    return {
      kind,
      branch,
      board,
      notes: 'refs/notes/if-witness' as RefName,
      mode: 'refs/if-board/mode' as RefName,
      claims: 'refs/if-board/c/',
      sessions: 'refs/if-board/s/',
    }
  return {
    kind,
    branch,
    board,
    notes: 'refs/heads/if-board/witness' as RefName,
    mode: 'refs/heads/if-board/mode' as RefName,
    claims: 'refs/heads/if-board/c/',
    sessions: 'refs/heads/if-board/s/',
  }
}

export function claimRef(layout: RefLayout, key: TaskKey, sha256: Sha256): RefName {
  return `${layout.claims}${taskRefKey(key, sha256)}` as RefName
}

export function sessionRef(layout: RefLayout, session: SessionName, sha256: Sha256): RefName {
  return `${layout.sessions}${refKey(session, sha256)}` as RefName
}
