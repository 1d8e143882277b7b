/** Resources: the boards as they stand, and one task, as the JSON of `list` and `show`. */
import { IfBoardError, printable } from '../model/index.ts'
import { list } from '../workflows/views-list.ts'
import { show } from '../workflows/views-show.ts'
import type { OpenedBoards } from './boards.ts'

const BOARD_URI = 'ifboard://board'
const TASK_URI = 'ifboard://task/{id}'
const TASK_PREFIX = 'ifboard://task/'

const JSON_TYPE = 'application/json'

export const RESOURCES = [
  {
    uri: BOARD_URI,
    name: 'board',
    title: 'All tasks as they stand',
    description: 'Every task of all boards with its computed status',
    mimeType: JSON_TYPE,
  },
]

export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: TASK_URI,
    name: 'task',
    title: 'One task',
    description: 'Text, dependencies and story of one task; the id is percent-encoded',
    mimeType: JSON_TYPE,
  },
]

/** What a URI names; `undefined`: nothing here. */
export function readableAt(uri: string): ((opened: OpenedBoards) => Promise<object>) | undefined {
  if (uri === BOARD_URI) return async ({ box }) => ({ kind: 'list', ...(await list(box, { ready: false })) })
  if (!uri.startsWith(TASK_PREFIX)) return undefined
  const id = decoded(uri.slice(TASK_PREFIX.length))
  return async ({ box }) => ({ kind: 'show', ...(await show(box, id)) })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new IfBoardError('task/unknown', `\`${printable(text, 128)}\` is not a percent-encoded id`)
  }
}
