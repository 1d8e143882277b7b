/**
 * The generated part of `AUTONOMOUS-NEXT-TASKS.md`: who does what, what comes next, how far it is.
 *
 * A pure function of boards, state, claims and the names of the sessions: no "now", no ages, no
 * observer's view. Two participants that see the same refs write the same bytes, and a fold that
 * changes nothing here leaves the file alone. Every text of a board is escaped: a title stays words.
 */
import { progress, type Schedule, type Totals, toMermaid } from '../graph/index.ts'
import { type EpochMs, type Project, type SessionName, splitTaskKey, type Task, type TaskKey } from '../model/index.ts'
import { formatTime } from '../witness/index.ts'
import { markdownText } from './markdown-text.ts'
import { type Need, needsPerson } from './needs-person.ts'
import { heldBy, type Snapshot } from './snapshot.ts'
import { duration } from './words.ts'

/** What a session would be offered, best first; ranked by the scheduler, which this room does not know. */
export type Offers = ReadonlyMap<SessionName, readonly Task[]>

const GRAPH_NODES = 60
const GRAPH_EDGES = 400
const ALTERNATIVES = 3
const NEEDS = 20
const PATH = 20

/** Markdown without markers, `\n` between lines and none at the end. Without `offers`, no next tasks are named. */
export function renderAssignments(snapshot: Snapshot, offers?: Offers): string {
  const plan = snapshot.plan()
  return [
    '## Progress',
    '',
    ...progressLines(snapshot, plan),
    '',
    '## Sessions',
    '',
    ...sessionLines(snapshot, offers),
    ...needLines(needsPerson(snapshot, plan)),
    ...graphLines(snapshot, plan),
  ]
    .join('\n')
    .trimEnd()
}

/** Every session that a chain, a claim or the state names, sorted. */
export function knownSessions(snapshot: Snapshot): SessionName[] {
  const names = new Set<SessionName>(snapshot.sessions.keys())
  for (const { claim } of snapshot.views.values()) if (claim !== undefined) names.add(claim.session)
  for (const { session } of snapshot.orphans) names.add(session)
  for (const { done } of snapshot.states.values()) if (done !== undefined && done.by !== 'person') names.add(done.by)
  return [...names].sort()
}

function progressLines(snapshot: Snapshot, plan: Schedule): string[] {
  const views = [...snapshot.views.values()]
  const work = progress(views.filter(({ task }) => !task.filler).map(({ status }) => status))
  const fillers = progress(views.filter(({ task }) => task.filler).map(({ status }) => status))
  const lines = [`- **${work.done} of ${work.total} tasks done**${otherCounts(work)}`]
  if (fillers.total > 0) lines.push(`- Fillers: ${fillers.done} of ${fillers.total} done${otherCounts(fillers)}`)
  const pace = velocity(completionTimes(snapshot))
  if (pace !== undefined) lines.push(`- Velocity: ${pace}`)
  if (plan.criticalPath.length > 0) {
    lines.push(`- Remaining: ${duration(plan.totalMinutes)} by the estimates, if enough sessions work on it`)
    lines.push(`- Critical path: ${pathText(plan.criticalPath)}`)
  }
  return lines
}

function otherCounts(totals: Totals): string {
  const parts = (['claimed', 'review', 'ready', 'blocked', 'paused', 'unknown', 'cancelled'] as const)
    .filter((status) => totals[status] > 0)
    .map((status) => `${totals[status]} ${status}`)
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}

function pathText(path: readonly TaskKey[]): string {
  const named = path.slice(0, PATH).map((key) => markdownText(splitTaskKey(key).id, 60))
  return [...named, ...(path.length > PATH ? [`… ${path.length - PATH} more`] : [])].join(' → ')
}

/** Completions that say when: from claims until a fold swept them, then from the state. */
function completionTimes({ views, states }: Snapshot): EpochMs[] {
  const times = new Map<TaskKey, EpochMs>()
  for (const { key, done } of states.values()) if (done !== undefined && done.by !== 'person') times.set(key, done.at)
  for (const { task, claim } of views.values()) if (claim?.kind === 'completed') times.set(task.key, claim.at)
  return [...times.values()].sort((a, b) => a - b)
}

/** Completions after the first, over the time since the first: the first one only starts the clock. */
function velocity(times: readonly EpochMs[]): string | undefined {
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined || last <= first) return undefined
  const perHour = ((times.length - 1) * 3_600_000) / (last - first)
  const from = formatTime(first).slice(0, 16).replace('T', ' ')
  const to = formatTime(last).slice(0, 16).replace('T', ' ')
  return `${perHour.toFixed(1)} tasks an hour (${times.length} completions, ${from} to ${to} UTC)`
}

function sessionLines(snapshot: Snapshot, offers: Offers | undefined): string[] {
  const names = knownSessions(snapshot)
  if (names.length === 0) return ['No session has joined yet: `if-board next`', '']
  const doneBy = completionsBySession(snapshot)
  const header = ['Session', 'Status', 'Task', 'Done', ...(offers === undefined ? [] : ['Next', 'Alternatives'])]
  const rows = names.map((name) => [
    markdownText(name),
    ...standing(snapshot, name),
    String(doneBy.get(name) ?? 0),
    ...(offers === undefined ? [] : offerCells(offers.get(name) ?? [])),
  ])
  return [row(header), row(header.map(() => '---')), ...rows.map(row), '']
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function standing(snapshot: Snapshot, name: SessionName): [string, string] {
  const held = heldBy(snapshot, name)
  const paused = snapshot.config.pausedSessions.has(name)
  const tasks = held.map(({ task }) => taskText(task)).join('; ')
  if (paused) return ['paused', tasks || '-']
  return held.length > 0 ? ['working', tasks] : ['idle', '-']
}

function completionsBySession({ views, states }: Snapshot): ReadonlyMap<SessionName, number> {
  const by = new Map<TaskKey, SessionName>()
  for (const { key, done } of states.values()) if (done !== undefined && done.by !== 'person') by.set(key, done.by)
  for (const { task, claim } of views.values()) if (claim?.kind === 'completed') by.set(task.key, claim.session)
  const counts = new Map<SessionName, number>()
  for (const name of by.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function offerCells([next, ...others]: readonly Task[]): [string, string] {
  const alternatives = others.slice(0, ALTERNATIVES).map(({ id }) => markdownText(id, 60))
  return [next === undefined ? '-' : taskText(next), alternatives.join(', ') || '-']
}

function taskText({ id, title }: Pick<Task, 'id' | 'title'>): string {
  return `**${markdownText(id, 60)}** ${markdownText(title, 80)}`.trim()
}

function needLines(needs: readonly Need[]): string[] {
  if (needs.length === 0) return []
  const more = needs.length > NEEDS ? [`- … ${needs.length - NEEDS} more: \`if-board status\``] : []
  return [
    '## Needs a person',
    '',
    ...needs.slice(0, NEEDS).map(({ message }) => `- ${markdownText(message, 300)}`),
    ...more,
    '',
  ]
}

/** Unfinished work first: a graph of everything is unreadable, and Mermaid refuses more than 500 edges. */
function graphLines({ project, views }: Snapshot, plan: Schedule): string[] {
  if (project.tasks.length === 0) return []
  const shown = drawable([...project.tasks].sort(byInterest(views, plan)).slice(0, GRAPH_NODES))
  const tasks = project.tasks.filter((task) => shown.has(task.key))
  const part: Project = { ...project, tasks, byKey: new Map(tasks.map((task) => [task.key, task])) }
  const left = project.tasks.length - tasks.length
  const note = left > 0 ? ['', `${left} more tasks: \`if-board graph\``] : []
  const drawn = toMermaid(part, (key) => views.get(key)?.status ?? 'unknown').trimEnd()
  return ['## Graph', '', '```mermaid', drawn, '```', ...note, '']
}

/** As many of the first tasks as stay below the limit of edges. */
function drawable(tasks: readonly Task[]): ReadonlySet<TaskKey> {
  const keys = new Set<TaskKey>()
  let edges = 0
  const waiting = new Map<TaskKey, number>()
  for (const { key, dependencies } of tasks) {
    const before = dependencies.filter((dependency) => keys.has(dependency)).length
    edges += before + (waiting.get(key) ?? 0)
    if (edges > GRAPH_EDGES) break
    keys.add(key)
    for (const dependency of dependencies) waiting.set(dependency, (waiting.get(dependency) ?? 0) + 1)
  }
  return keys
}

/** Critical path, other open work, done work, fillers; each in board order, because sorting is stable. */
function byInterest(views: Snapshot['views'], plan: Schedule): (a: Task, b: Task) => number {
  const onPath = new Set(plan.criticalPath)
  const rankOf = (task: Task) => {
    const status = views.get(task.key)?.status
    if (onPath.has(task.key)) return 0
    if (task.filler) return 3
    return status === 'done' || status === 'cancelled' ? 2 : 1
  }
  return (a, b) => rankOf(a) - rankOf(b)
}
