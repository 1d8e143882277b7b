/**
 * Which rows the boards had at the last fold: a claim without its row may only go over to a row that is new
 * since then. An old row of the same title or id is another task.
 */
import { decodeBoard, parseBoard } from '../board/index.ts'
import { matchBoards } from '../board/match.ts'
import type { Config, ObjectId, TaskKey } from '../model/index.ts'
import { listFiles, readBlob, readCommit } from './branch-tree.ts'
import { history, lastFold } from './fold-memory.ts'
import type { Toolbox } from './toolbox.ts'

const CACHE = 'cache/rows.json'

/** Keys of all rows at the last fold, or at the branch's first commit before any fold. */
export async function rowsBefore(box: Toolbox, head: ObjectId, config: Config): Promise<ReadonlySet<TaskKey>> {
  const commit = (await lastFold(box)) ?? (await firstCommit(box, head))
  const known = JSON.parse((await box.memory.read(CACHE)) ?? '{}') as { commit?: ObjectId; keys?: TaskKey[] }
  if (known.commit === commit && known.keys !== undefined) return new Set(known.keys)
  const files = await listFiles(
    box.objects,
    (await readCommit(box.objects, commit)).tree,
    (path) => path === '.if-board',
  )
  const keys: TaskKey[] = []
  for (const name of matchBoards(config.boards, [...files.keys()])) {
    const decoded = decodeBoard(await readBlob(box.objects, files.get(name) as ObjectId), name)
    if ('text' in decoded) keys.push(...parseBoard(decoded.text, name).board.tasks.map(({ key }) => key))
  }
  await box.memory.write(CACHE, JSON.stringify({ commit, keys }))
  return new Set(keys)
}

async function firstCommit(box: Toolbox, head: ObjectId): Promise<ObjectId> {
  let first = head
  for await (const { oid } of history(box, head)) first = oid
  return first
}
