/** What people pinned for a session, in `AUTONOMOUS-NEXT-TASKS.md`. */
import { parsePins } from '../board/pins.ts'
import type { SessionName } from '../model/index.ts'
import { sessionMatches } from '../scheduler/index.ts'
import { readText } from './branch-tree.ts'
import { type BranchFrame, PINS_FILE } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

/** Ids in the order of the file. */
export async function pinnedIds(box: Toolbox, { files }: BranchFrame, session: SessionName): Promise<string[]> {
  const blob = files.get(PINS_FILE)
  if (blob === undefined) return []
  return parsePins(await readText(box.objects, blob))
    .pins.filter(({ session: words }) => sessionMatches(words, session))
    .map(({ id }) => id)
}
