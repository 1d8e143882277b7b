/** What `init` tells: made what, where, what is public now, and three lines to type next. */
import { BOARD_BRANCH, type BoardName, type BranchName, type ObjectId } from '../model/index.ts'
import type { AuthorityBinding, CloneFacts, RemotePlace } from '../ports/index.ts'
import type { PinnedOperator } from './init-operators.ts'

export interface InitReport {
  /** In a `dry-run` everything below is what would be. */
  readonly mode: 'apply' | 'dry-run'
  /**
   * `made`: a new board; `joined`: the authority had one; `rebound`: the same board at another
   * place; `unchanged`: this clone belonged to it already (boards may have been added).
   */
  readonly kind: 'made' | 'joined' | 'rebound' | 'unchanged'
  readonly branch: BranchName
  /** `undefined` in a dry run that did not see it. */
  readonly head: ObjectId | undefined
  readonly boardId: string | undefined
  readonly authority:
    | { readonly kind: 'remote'; readonly name: string; readonly url: string }
    | { readonly kind: 'local'; readonly hub: string }
  readonly refs: 'custom' | 'heads'
  readonly hub: string
  /** Files of the branch that this run wrote. */
  readonly made: readonly string[]
  readonly boards: readonly PlacedBoard[]
  /** URL, without name and password, whose readers can read the board now; `undefined`: it is in this clone alone. */
  readonly publicAt: string | undefined
  /** Board-like files that were found, where none was named. */
  readonly candidates: readonly Candidate[]
  /** Those that were named, pinned now or before. */
  readonly operators: readonly PinnedOperator[]
  /** Three command lines. */
  readonly next: readonly string[]
}

export interface PlacedBoard {
  /** As it was typed. */
  readonly path: string
  readonly board: BoardName
  /** `differs`: the branch has another text under that name and keeps it; `planned`: added unless it is there. */
  readonly kind: 'added' | 'present' | 'differs' | 'planned'
  /** Tasks understood; `undefined` when the file is gone and the branch has it. */
  readonly tasks: number | undefined
  readonly original: 'kept' | 'removed'
}

export interface Candidate {
  readonly path: string
  /** The literal command that uses it. */
  readonly command: string
}

export interface ReportFacts {
  readonly facts: CloneFacts
  readonly mode: InitReport['mode']
  readonly kind: InitReport['kind']
  readonly binding: AuthorityBinding
  readonly remote: RemotePlace | undefined
  readonly head: ObjectId | undefined
  readonly made: readonly string[]
  readonly boards: readonly PlacedBoard[]
  readonly candidates: readonly string[]
  readonly operators: readonly PinnedOperator[]
}

export function reportOf(from: ReportFacts): InitReport {
  const { facts, binding, remote } = from
  const candidates = from.candidates.map((path) => ({ path, command: `if-board init --from ${quoted(path)}` }))
  const checkout = `if-board checkout ${quoted(`../${facts.project}-board`)}`
  // Without a task there is nothing to take yet: first a board.
  const first = from.boards.length > 0 || from.kind !== 'made' ? 'if-board next' : (candidates[0]?.command ?? checkout)
  return {
    mode: from.mode,
    kind: from.kind,
    branch: binding.branch ?? BOARD_BRANCH,
    head: from.head,
    boardId: binding.boardId,
    authority:
      remote === undefined
        ? { kind: 'local', hub: facts.hub }
        : { kind: 'remote', name: remote.name, url: remote.shown },
    refs: binding.refs,
    hub: facts.hub,
    made: [...new Set(from.made)],
    boards: from.boards,
    publicAt: remote?.shown,
    candidates,
    operators: from.operators,
    next: [...new Set([first, 'if-board status --watch', checkout, 'if-board next'])].slice(0, 3),
  }
}

/** Quoted for a POSIX shell where it must be. */
function quoted(path: string): string {
  if (/^[A-Za-z0-9_./][A-Za-z0-9_./@%+=,-]*$/.test(path)) return path
  const safe = path.startsWith('-') ? `./${path}` : path
  return `'${safe.replace(/'/g, "'\\''")}'`
}
