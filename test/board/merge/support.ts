/** Merges with git's own merge of lines, as the driver runs it. */
import { gitTextMerge } from '../../../src/adapters/git/merge-file.ts'
import { type BoardMerge, mergeBoards } from '../../../src/board/merge/index.ts'

const { PATH = '' } = process.env
export const mergeLines = gitTextMerge({ PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: '/nowhere' })

export function merge(base: string, ours: string, theirs: string): Promise<BoardMerge> {
  return mergeBoards({ base, ours, theirs }, mergeLines)
}

/** The text of a merge that must leave nothing to decide. */
export async function merged(base: string, ours: string, theirs: string): Promise<string> {
  const { text, conflicts } = await merge(base, ours, theirs)
  if (conflicts.length > 0) throw new Error(`conflicts: ${JSON.stringify(conflicts)}\n${text}`)
  return text
}
