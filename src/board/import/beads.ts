/**
 * `issues.jsonl` of beads: one JSON record a line.
 *
 * Fields, statuses and kinds of dependencies are those of `internal/types/types.go` of that project, in its
 * version 1.0; a line may say with `_type` that it is no issue. Of the dependencies only the kinds that it
 * calls blocking edges block here: `blocks`, `conditional-blocks`, `waits-for`.
 */
import { printable } from '../../model/index.ts'
import { Collector, type ImportReading, nothingRead, paragraphs, WORDS } from './imported.ts'
import { asList, asRecord, type JsonRecord, otherNames, own, ownText, parseJson, textOf } from './json.ts'

const KNOWN = new Set(
  (
    '_type id title description design acceptance_criteria notes status priority issue_type assignee ' +
    'estimated_minutes labels dependencies dependency_count dependent_count comment_count'
  ).split(' '),
)
const BLOCKING = new Set(['blocks', 'conditional-blocks', 'waits-for'])
const STATUSES = new Map<string, string>([
  ['open', WORDS.open],
  ['in_progress', WORDS.claimed],
  ['hooked', WORDS.claimed],
  ['deferred', WORDS.paused],
  ['pinned', `${WORDS.paused} (pinned)`],
  ['closed', WORDS.done],
])
const PRIORITIES = ['high', 'high', 'medium', 'low', 'low']

export function readBeads(text: string, file: string): ImportReading {
  const collector = new Collector(file)
  let understood = 0
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === '' || collector.isFull) continue
    const issue = asRecord(parseJson(line)?.value)
    if (issue === undefined) {
      collector.find('error', 'import/not-understood', index + 1, 'this line is no JSON record and is left out')
    } else {
      understood += 1
      readIssue(collector, issue, index + 1)
    }
  }
  const reading = collector.reading()
  return understood > 0
    ? reading
    : nothingRead(file, 1, 'the file holds no JSON lines', 'Name an issues.jsonl, such as .beads/issues.jsonl')
}

function readIssue(collector: Collector, issue: JsonRecord, line: number): void {
  const type = ownText(issue, '_type') ?? 'issue'
  const id = ownText(issue, 'id')
  const status = ownText(issue, 'status') ?? 'open'
  if (type !== 'issue') {
    collector.leave(`a line of the type \`${type}\``)
    return
  }
  if (id === undefined) {
    collector.find('error', 'import/no-id', line, 'this issue has no id and is left out')
    return
  }
  if (status === 'tombstone') {
    collector.find('info', 'import/deleted', line, `\`${printable(id, 60)}\` was deleted there and is left out`)
    return
  }
  for (const name of otherNames(issue, KNOWN)) collector.leave(`\`${name}\``)
  const kind = ownText(issue, 'issue_type') ?? 'task'
  if (kind !== 'task') collector.leave(`the type \`${kind}\``)
  const dependencies = blockersOf(collector, issue)
  const minutes = Number(ownText(issue, 'estimated_minutes'))
  collector.add({
    id,
    title: ownText(issue, 'title') ?? '',
    status: statusOf(status, dependencies),
    dependencies,
    owner: ownText(issue, 'assignee'),
    priority: PRIORITIES[Number(ownText(issue, 'priority') ?? Number.NaN)],
    estimate: Number.isInteger(minutes) && minutes > 0 && minutes < 1e6 ? `${minutes}m` : undefined,
    description: descriptionOf(issue),
    line,
  })
}

function descriptionOf(issue: JsonRecord): string | undefined {
  const labels = asList(own(issue, 'labels')).flatMap((label) => textOf(label) ?? [])
  return paragraphs([
    ['', ownText(issue, 'description')],
    ['Design', ownText(issue, 'design')],
    ['Acceptance', ownText(issue, 'acceptance_criteria')],
    ['Notes', ownText(issue, 'notes')],
    ['Labels', labels.join(', ')],
  ])
}

/** Ids that block, each once; the other kinds of edges are left behind by name. */
function blockersOf(collector: Collector, issue: JsonRecord): string[] {
  const ids = new Set<string>()
  for (const value of asList(own(issue, 'dependencies'))) {
    const edge = asRecord(value) ?? {}
    const type = ownText(edge, 'type') ?? ownText(edge, 'dep_type') ?? 'blocks'
    const id = ownText(edge, 'depends_on_id') ?? ownText(edge, 'id') ?? textOf(value)
    if (!BLOCKING.has(type)) collector.leave(`a dependency of the kind \`${type}\``)
    else if (id !== undefined) ids.add(id)
  }
  return [...ids]
}

/** What waits for issues is computed here; blocked by nothing that has an id, it was set aside by a person. */
function statusOf(status: string, dependencies: readonly string[]): string {
  if (status === 'blocked') return dependencies.length > 0 ? WORDS.open : `${WORDS.paused} (blocked)`
  return STATUSES.get(status) ?? status
}
