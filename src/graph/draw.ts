/**
 * The graph as text: for terminals, for Mermaid and for Graphviz. Ids and titles come from
 * boards, so each format escapes all that has a meaning in it. Every text ends with a line end.
 */
import { type Project, printable, type Task, type TaskKey, type TaskStatus } from '../model/index.ts'
import { at, indexTasks, layer } from './indexed.ts'

type StatusOf = (key: TaskKey) => TaskStatus

const TITLE_CHARACTERS = 60
const NAMED_DEPENDENCIES = 6

const MARKS: Readonly<Record<TaskStatus, string>> = {
  done: '[x]',
  review: '[~]',
  claimed: '[>]',
  ready: '[ ]',
  blocked: '[-]',
  paused: '[=]',
  unknown: '[?]',
  cancelled: '[/]',
}

/** Fills with dark text on them readable in light and dark themes. */
const FILLS: Readonly<Record<TaskStatus, string>> = {
  done: '#b7e1c0',
  review: '#cfe8d5',
  claimed: '#ffe08a',
  ready: '#a9d1f5',
  blocked: '#d8d8d8',
  paused: '#e6d3ef',
  unknown: '#f5b7b1',
  cancelled: '#eeeeee',
}

/**
 * A list in steps: what stands in one step depends only on steps above it. Layout characters are
 * ASCII; ids and titles keep their own letters.
 */
export function drawAscii(project: Project, statusOf: StatusOf): string {
  const labels = labelsOf(project)
  const { depth } = layer(indexTasks(project.tasks))
  const steps = new Map<number, Task[]>()
  project.tasks.forEach((task, index) => {
    const step = steps.get(at(depth, index))
    if (step === undefined) steps.set(at(depth, index), [task])
    else step.push(task)
  })
  const lines = [...steps.keys()]
    .sort((a, b) => orderOfStep(a) - orderOfStep(b))
    .flatMap((step) => [
      step < 0 ? 'on a cycle, or behind one' : `step ${step + 1}`,
      ...stepLines(steps.get(step) ?? [], labels, statusOf),
    ])
  return [...lines, legend(project, statusOf), ''].join('\n')
}

function orderOfStep(depth: number): number {
  return depth < 0 ? Number.POSITIVE_INFINITY : depth
}

function stepLines(tasks: readonly Task[], labels: ReadonlyMap<TaskKey, string>, statusOf: StatusOf): string[] {
  const names = tasks.map((task) => printable(labelOf(task.key, labels), 40))
  const width = names.reduce((widest, name) => Math.max(widest, name.length), 0)
  return tasks.map((task, index) =>
    `  ${MARKS[statusOf(task.key)]} ${at(names, index).padEnd(width)}  ${printable(task.title, TITLE_CHARACTERS)}${waits(task, labels)}`.trimEnd(),
  )
}

function waits(task: Task, labels: ReadonlyMap<TaskKey, string>): string {
  const before = task.dependencies.map((key) => printable(labelOf(key, labels), 40))
  const outside = task.externalBlockers.map(({ text }) => `"${printable(text, 40)}"`)
  const all = [...before, ...outside]
  if (all.length === 0) return ''
  const more = all.length > NAMED_DEPENDENCIES ? `, and ${all.length - NAMED_DEPENDENCIES} more` : ''
  return `  (after ${all.slice(0, NAMED_DEPENDENCIES).join(', ')}${more})`
}

function legend(project: Project, statusOf: StatusOf): string {
  const used = new Set(project.tasks.map((task) => statusOf(task.key)))
  return (Object.keys(MARKS) as TaskStatus[])
    .filter((status) => used.has(status))
    .map((status) => `${MARKS[status]} ${status}`)
    .join('  ')
}

/**
 * A Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), one node per task. Nodes have
 * numbers for names, because Mermaid reserves words such as `end`; labels are quoted, with entity codes.
 * Mermaid's own limits (500 edges, 50,000 characters by default) are the caller's to watch.
 */
export function toMermaid(project: Project, statusOf: StatusOf): string {
  const labels = labelsOf(project)
  const names = new Map(project.tasks.map((task, index) => [task.key, `t${index}`]))
  const used = new Set(project.tasks.map((task) => statusOf(task.key)))
  const nodes = project.tasks.map((task) => {
    const label = mermaidText(`${labelOf(task.key, labels)} ${printable(task.title, TITLE_CHARACTERS)}`.trim())
    return `  ${names.get(task.key)}["${label}"]:::${statusOf(task.key)}`
  })
  const edges = edgesOf(project).map(([from, to]) => `  ${names.get(from)} --> ${names.get(to)}`)
  const classes = (Object.keys(FILLS) as TaskStatus[])
    .filter((status) => used.has(status))
    .map((status) => `  classDef ${status} fill:${FILLS[status]},color:#1b1b1b`)
  return ['flowchart LR', ...nodes, ...edges, ...classes, ''].join('\n')
}

/**
 * Every ASCII character but letters, digits, space and a few signs as `#<code>;`. Mermaid looks for
 * directives (`%%{…}%%`), Markdown strings and HTML even inside quotes, so a list of bad
 * characters would not be enough.
 */
function mermaidText(text: string): string {
  return printable(text).replace(/[!-'*:-@[-`{-~]/g, (character) => `#${character.charCodeAt(0)};`)
}

/** A Graphviz digraph (https://graphviz.org/doc/info/lang.html); nodes are named by their task key. */
export function toDot(project: Project, statusOf: StatusOf): string {
  const labels = labelsOf(project)
  const nodes = project.tasks.map((task) => {
    const label = `${dotLabel(labelOf(task.key, labels))}\\n${dotLabel(printable(task.title, TITLE_CHARACTERS))}`
    return `  ${dotId(task.key)} [label="${label}", fillcolor="${FILLS[statusOf(task.key)]}"]`
  })
  const edges = edgesOf(project).map(([from, to]) => `  ${dotId(from)} -> ${dotId(to)}`)
  return ['digraph board {', '  rankdir=LR', '  node [shape=box, style=filled]', ...nodes, ...edges, '}', ''].join('\n')
}

function dotId(text: string): string {
  return `"${dotEscape(text)}"`
}

/** Graphviz reads HTML entities in labels, and `\N`, `\G`, `\n` as escapes. */
function dotLabel(text: string): string {
  return dotEscape(text.replace(/&/g, '&amp;'))
}

function dotEscape(text: string): string {
  return printable(text, 1000).replace(/[\\"]/g, (character) => `\\${character}`)
}

function edgesOf(project: Project): (readonly [TaskKey, TaskKey])[] {
  return project.tasks.flatMap((task) =>
    task.dependencies.filter((key) => project.byKey.has(key)).map((key) => [key, task.key] as const),
  )
}

/** The id where one task has it, board and id where several do. */
function labelsOf(project: Project): ReadonlyMap<TaskKey, string> {
  const counts = new Map<string, number>()
  for (const { id } of project.tasks) counts.set(id, (counts.get(id) ?? 0) + 1)
  return new Map(project.tasks.map(({ key, id }) => [key, counts.get(id) === 1 ? id : key]))
}

function labelOf(key: TaskKey, labels: ReadonlyMap<TaskKey, string>): string {
  return labels.get(key) ?? key
}
