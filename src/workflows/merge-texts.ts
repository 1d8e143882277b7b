/** `merge-driver`: three versions of one file of the coordination branch into one. */
import { decodeBoard } from '../board/decode.ts'
import { type BoardMerge, mergeBoards, mergePins, type Versions } from '../board/merge/index.ts'
import type { BoardName } from '../model/index.ts'
import type { TextMerge } from '../ports/index.ts'
import { PINS_FILE } from './read-branch.ts'

export interface MergeRequest {
  /** Name of the file, without its folder. */
  readonly path: string
  readonly versions: Versions<Uint8Array>
}

/** `not-merged`: one version is binary, no UTF-8, or above the size of a board. */
export type MergeOutcome =
  | ({ readonly kind: 'merged' } & BoardMerge)
  | { readonly kind: 'not-merged'; readonly reason: string }

export async function mergeTexts(mergeLines: TextMerge, { path, versions }: MergeRequest): Promise<MergeOutcome> {
  const [base, ours, theirs] = [textOf(versions.base), textOf(versions.ours), textOf(versions.theirs)]
  if (base === undefined || ours === undefined || theirs === undefined)
    return { kind: 'not-merged', reason: 'it is no text of a board' }
  const merge = path === PINS_FILE ? mergePins : mergeBoards
  return { kind: 'merged', ...(await merge({ base, ours, theirs }, mergeLines)) }
}

function textOf(bytes: Uint8Array): string | undefined {
  const decoded = decodeBoard(bytes, 'board.md' as BoardName)
  return 'text' in decoded ? decoded.text : undefined
}
