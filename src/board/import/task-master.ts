/**
 * `tasks.json` of Task Master.
 *
 * `{"tasks": […]}`, or since its tags one such record per tag, `{"master": {"tasks": […]}, …}`. A task has
 * `id`, `title`, `status`, `dependencies` and perhaps `subtasks`, whose ids count from 1 within it: the
 * first of task 2 is `2.1`, and a bare number among a subtask's dependencies means a sibling.
 * Source: docs.task-master.dev, "Task Structure"; its list of statuses is `TaskStatus` in its sources.
 */
import { Collector, type ImportReading, nothingRead, paragraphs, WORDS } from './imported.ts'
import { asList, asRecord, type JsonRecord, otherNames, own, ownText, parseJson, recordsIn, textOf } from './json.ts'

const KNOWN = new Set(
  'id title description status dependencies priority details testStrategy subtasks parentTaskId parentId'.split(' '),
)
const STATUSES = new Map<string, string>([
  ['pending', WORDS.open],
  ['in-progress', WORDS.claimed],
  ['review', WORDS.review],
  ['done', WORDS.done],
  ['completed', WORDS.done],
  ['deferred', WORDS.paused],
  ['cancelled', WORDS.cancelled],
])

export function readTaskMaster(text: string, file: string): ImportReading {
  const tags = tagsOf(parseJson(text)?.value)
  if (tags.length === 0)
    return nothingRead(file, 1, 'the file holds no `tasks`', 'Name a tasks.json, such as .taskmaster/tasks/tasks.json')
  const collector = new Collector(file)
  for (const [index, [tag, tasks]] of tags.entries()) {
    // Every tag counts from 1: those of the first keep their ids, the others carry their tag's name.
    const prefix = index === 0 ? '' : `${tag.replace(/[^\p{L}\p{N}_]+/gu, '-').replace(/^-+|-+$/g, '') || 'tag'}.`
    const section = tags.length === 1 ? undefined : tag
    for (const task of tasks) readTask(collector, task, { prefix, section })
  }
  return collector.reading()
}

function tagsOf(value: unknown): [string, readonly unknown[]][] {
  const record = asRecord(value)
  if (record === undefined) return []
  if (Array.isArray(own(record, 'tasks'))) return [['', asList(own(record, 'tasks'))]]
  const tags = Object.keys(record).flatMap((tag): [string, readonly unknown[]][] => {
    const tasks = own(asRecord(own(record, tag)) ?? {}, 'tasks')
    return Array.isArray(tasks) ? [[tag, tasks]] : []
  })
  return tags.sort(([a], [b]) => Number(b === 'master') - Number(a === 'master'))
}

interface Tag {
  readonly prefix: string
  readonly section: string | undefined
}

function readTask(collector: Collector, value: unknown, tag: Tag): void {
  const task = asRecord(value)
  const id = task === undefined ? undefined : ownText(task, 'id')
  if (task === undefined || id === undefined) {
    collector.find('error', 'import/no-id', 1, 'an entry of `tasks` has no id and is left out')
    return
  }
  const needs = asList(own(task, 'dependencies')).flatMap((need) => textOf(need) ?? [])
  const subtasks = recordsIn(asList(own(task, 'subtasks')))
  const below = subtasks.flatMap((subtask) => ownText(subtask, 'id') ?? [])
  const full = (sub: string) => (sub.startsWith(`${id}.`) ? sub : `${id}.${sub}`)
  // A task is finished by its parts, and these begin when it may.
  put(collector, task, { id, needs: [...needs, ...below.map(full)], tag })
  for (const subtask of subtasks) {
    const sub = ownText(subtask, 'id')
    if (sub === undefined) collector.find('error', 'import/no-id', 1, `a subtask of ${id} has no id and is left out`)
    else put(collector, subtask, { id: full(sub), needs: [...needs, ...siblings(subtask, below, full)], tag })
  }
}

function siblings(subtask: JsonRecord, below: readonly string[], full: (sub: string) => string): string[] {
  const names = asList(own(subtask, 'dependencies')).flatMap((need) => textOf(need) ?? [])
  return names.map((need) => (below.includes(need) ? full(need) : need))
}

interface Place {
  readonly id: string
  readonly needs: readonly string[]
  readonly tag: Tag
}

function put(collector: Collector, task: JsonRecord, { id, needs, tag: { prefix, section } }: Place): void {
  for (const name of otherNames(task, KNOWN)) collector.leave(`\`${name}\``)
  collector.add({
    id: `${prefix}${id}`,
    title: ownText(task, 'title') ?? '',
    status: statusOf(ownText(task, 'status') ?? 'pending'),
    dependencies: [...new Set(needs)].map((need) => `${prefix}${need}`),
    priority: ownText(task, 'priority'),
    description: paragraphs([
      ['', ownText(task, 'description')],
      ['', ownText(task, 'details')],
      ['Test', ownText(task, 'testStrategy')],
    ]),
    section,
    line: 1,
  })
}

/** A word that is not known stays as it is: no board offers such a task before a person has looked. */
function statusOf(status: string): string {
  return STATUSES.get(status.toLowerCase()) ?? status
}
