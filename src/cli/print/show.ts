/** `show`: everything about one task. Pure. */
import { printable } from '../../model/index.ts'
import type { RelatedTask, StoryItem, TaskDetails } from '../../workflows/views.ts'
import { type Cell, iconOf, inkOf, type Page, table, workTime, wrap } from './page.ts'

export function showText(details: TaskDetails, page: Page): string {
  const { task } = details
  const { ink } = page
  const paint = inkOf(task.status, ink)
  const title = wrap(`${task.id}  ${task.title}`, page)
  const lines = [
    ...title.map((line) => ink.bold(line)),
    `${paint(`${iconOf(task.status)} ${task.status}`)}${task.holder === null ? '' : ` by ${holder(task.holder)}`}`,
    '',
    ...table(facts(details, page), page, 1, 0),
    ...paragraph('Description', task.description === null ? [] : [task.description], page),
    ...list(
      'Acceptance',
      task.acceptance.map(({ text, done }) => `[${done ? 'x' : ' '}] ${text}`),
      page,
    ),
    ...related('Depends on', details.dependsOn, page),
    ...list('Waits for, outside the boards', task.externalBlockers, page),
    ...related('Needed by', details.neededBy, page),
    ...story(details, page),
  ]
  return `${lines.join('\n')}\n`
}

function holder(name: string): string {
  return name === 'person' ? 'a person' : printable(name, 64)
}

function facts({ task, place, failures }: TaskDetails, { ink }: Page): Cell[][] {
  const known: [string, string | null][] = [
    ['Board', `${place.file}:${place.line}`],
    ['Section', task.section],
    ['Owner', task.owner ?? task.assigned],
    ['Estimate', task.estimateMinutes === null ? null : workTime(task.estimateMinutes)],
    ['Model', task.model],
    ['Priority', task.priority],
    ['Needs', task.capabilities.length === 0 ? null : task.capabilities.join(', ')],
    ['Deliverable', task.deliverable],
    ['Check', task.check],
    ['Body', task.run],
    ['Filler', task.filler ? 'offered where nothing else is ready' : null],
    ['Set aside', task.pausedBecause],
    ['Done', task.done === null ? null : doneWords(task.done)],
    ['Left behind', task.done?.note ?? null],
    ['Failures', failures === 0 ? null : String(failures)],
  ]
  return known.flatMap(([name, text]) => (text === null ? [] : [[{ text: name, paint: ink.dim }, { text }]]))
}

function doneWords({ by, at, branch, commit, reference }: NonNullable<TaskDetails['task']['done']>): string {
  const where = [branch === null ? '' : `branch ${branch}`, commit === null ? '' : `commit ${commit.slice(0, 12)}`]
  return [`by ${by}`, minute(at), ...where, reference ?? ''].filter(Boolean).join(', ')
}

/** RFC 3339 to the minute, for people. */
function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}

function paragraph(name: string, texts: readonly string[], page: Page): string[] {
  if (texts.length === 0) return []
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).filter((line) => line.trim() !== '')
  return ['', page.ink.bold(name), ...lines.flatMap((line) => indented(line, page))]
}

function list(name: string, texts: readonly string[], page: Page): string[] {
  if (texts.length === 0) return []
  return ['', page.ink.bold(name), ...texts.flatMap((text) => indented(text, page))]
}

function indented(text: string, page: Page): string[] {
  return wrap(text, { ...page, width: page.width - 2 }, 4).map((line) => `  ${line}`)
}

function related(name: string, tasks: readonly RelatedTask[], page: Page): string[] {
  if (tasks.length === 0) return []
  const rows = tasks.map(({ id, title, status, by, branch, commit }): Cell[] => [
    { text: iconOf(status), paint: inkOf(status, page.ink) },
    { text: id, paint: page.ink.bold },
    { text: title },
    { text: by ?? status, paint: inkOf(status, page.ink) },
    { text: [branch ?? '', commit?.slice(0, 12) ?? ''].filter(Boolean).join(' '), paint: page.ink.dim },
  ])
  return ['', page.ink.bold(name), ...table(rows, page, 2)]
}

function story({ story: items, storyComplete }: TaskDetails, page: Page): string[] {
  if (items.length === 0) return []
  const rows = items.map((item): Cell[] => [
    { text: minute(item.at), paint: page.ink.dim },
    { text: item.session, paint: page.ink.bold },
    { text: `${item.what}${item.from === null ? '' : ` from ${item.from}`}` },
    { text: itemWords(item) },
  ])
  const cut = storyComplete ? [] : ['  older operations are in the sealed log: git log --notes=if-witness']
  return ['', page.ink.bold('Its claim, newest first'), ...table(rows, page, 3), ...cut]
}

function itemWords({ reason, evidence }: StoryItem): string {
  return [reason ?? '', evidence?.note ?? '', evidence?.reference ?? ''].filter(Boolean).join('; ')
}
