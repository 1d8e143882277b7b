/** Resources: the boards as they stand, and one task, as the JSON of `list` and `show`. */
import { IfBoardError, printable } from '../model/index.ts'
import { list, type TaskList } from '../workflows/views-list.ts'
import { show } from '../workflows/views-show.ts'
import type { OpenedBoards } from './boards.ts'

const BOARD_URI = 'ifboard://board'
const TASK_URI = 'ifboard://task/{id}'
const TASK_PREFIX = 'ifboard://task/'

/** More than a model reads of a board at once. */
const MOST_TASKS = 1_000
const MOST_DIAGNOSTICS = 100

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
  if (uri === BOARD_URI) return async ({ box }) => boardJson(await list(box, { ready: false }))
  if (!uri.startsWith(TASK_PREFIX)) return undefined
  const id = decoded(uri.slice(TASK_PREFIX.length))
  return async ({ box }) => ({ kind: 'show', ...(await show(box, id)) })
}

/** The JSON of `list`; what is cut off is counted, and `status` has the totals of all. */
function boardJson({ tasks, diagnostics }: TaskList): object {
  return {
    kind: 'list',
    tasks: tasks.slice(0, MOST_TASKS),
    diagnostics: diagnostics.slice(0, MOST_DIAGNOSTICS),
    tasksLeftOff: Math.max(0, tasks.length - MOST_TASKS),
    diagnosticsLeftOff: Math.max(0, diagnostics.length - MOST_DIAGNOSTICS),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new IfBoardError('task/unknown', `\`${printable(text, 128)}\` is not a percent-encoded id`)
  }
}
