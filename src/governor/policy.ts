/**
 * The simple rules of the config: hours, sections, approval, how many sessions may try a task, forbidden paths. Pure; what
 * is not known never counts as allowed.
 */
import { matchesGlob } from '../model/glob.ts'
import { type ChangedPaths, type EpochMs, type PolicyRules, printable, type Task } from '../model/index.ts'
import type { AdmissionFacts, Refusal } from './verdict.ts'

/** What these rules look at. */
export type PolicyFacts = Pick<AdmissionFacts, 'config' | 'session' | 'accounts' | 'now'>

export type PolicyRule = 'hours' | 'section' | 'approval' | 'sessions-per-task'

/** One rule, and what it refuses. */
export interface RuleVerdict {
  readonly rule: PolicyRule
  readonly refusal: Refusal | undefined
}

/** Every rule with its verdict, in their order, for whoever explains. */
export function policyVerdicts(facts: PolicyFacts, task: Task): RuleVerdict[] {
  return [
    { rule: 'hours', refusal: hours(facts) },
    { rule: 'section', refusal: section(facts, task) },
    { rule: 'approval', refusal: approval(facts, task) },
    { rule: 'sessions-per-task', refusal: sessionsPerTask(facts, task) },
  ]
}

export function section({ config, session }: PolicyFacts, task: Task): Refusal | undefined {
  const heading = task.section?.toLowerCase()
  const closed = config.governor.policy.sections.find(
    ([words, sessions]) => heading?.includes(words.toLowerCase()) === true && !sessions.includes(session),
  )
  if (closed === undefined) return undefined
  const [words, sessions] = closed
  const whose = sessions.length === 0 ? 'nobody' : sessions.join(', ')
  return waiting('section', `${task.id} is in the section \`${words}\`, which is for ${whose} (policy.sections)`)
}

export function approval({ config }: PolicyFacts, task: Task): Refusal | undefined {
  const rules = config.governor.policy
  if (!names(rules.approval, task) || names(rules.approved, task)) return undefined
  return waiting('approval', `${task.id} waits for the approval of a person (policy.approval)`, {
    hint: `A person says: if-board policy approve ${task.id}`,
  })
}

/** Is the task among these, by its id or its key? */
export function names(tasks: readonly string[], { id, key }: Pick<Task, 'id' | 'key'>): boolean {
  return tasks.includes(id) || tasks.includes(key)
}

/** Who tried it before may try again: it is one more session that is refused. */
export function sessionsPerTask({ config, session, accounts }: PolicyFacts, task: Task): Refusal | undefined {
  const most = config.governor.policy.sessionsPerTask
  const tried = accounts.taskAccount(task.key)?.tried ?? []
  if (most === undefined || tried.length < most || tried.includes(session)) return undefined
  return waiting(
    'sessions-per-task',
    `${tried.length} of at most ${most} sessions have tried ${task.id}: ${tried.join(', ')} (policy.sessionsPerTask)`,
    { hint: 'A person looks why they did not finish it, and raises the bound or changes the task' },
  )
}

/** Other work may come. */
function waiting(rule: string, reason: string, more: { readonly hint?: string } = {}): Refusal {
  return { kind: 'refuse', rule, reason, ...more, leaves: 'wait' }
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** May anything be claimed now? By the wall clock of the zone, so an hour that summer time leaves out never comes. */
export function hours({ config, now }: Pick<PolicyFacts, 'config' | 'now'>): Refusal | undefined {
  const open = config.governor.policy.hours
  const local = open === undefined ? undefined : localTime(now, open.zone)
  if (open === undefined || (local !== undefined && isWithin(open, local))) return undefined
  const days = open.days.map((day) => DAYS[day - 1]).join(' ')
  const when = `${clock(open.from)}-${clock(open.to)} ${open.zone}, ${days}`
  const is = local === undefined ? 'the time there is not known here' : `it is ${local.text}`
  return { kind: 'refuse', rule: 'hours', reason: `tasks are claimed ${when}; ${is} (policy.hours)` }
}

interface LocalTime {
  /** 1, Monday, to 7, Sunday. */
  readonly day: number
  readonly minute: number
  readonly text: string
}

/** ECMA-402 keeps the zones; `undefined` where it does not know this one, or the time is none (ECMA-262, 21.4.1.1). */
export function localTime(now: EpochMs, zone: string): LocalTime | undefined {
  if (!(Math.abs(now) <= 8.64e15)) return undefined
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
    const [weekday = '', hour = '', minute = ''] = [parts.get('weekday'), parts.get('hour'), parts.get('minute')]
    const day = DAYS.indexOf(weekday) + 1
    return { day, minute: Number(hour) * 60 + Number(minute), text: `${weekday} ${hour}:${minute}` }
  } catch {
    return undefined
  }
}

/** Hours over midnight belong to the day on which they begin. */
function isWithin({ from, to, days }: NonNullable<PolicyRules['hours']>, { day, minute }: LocalTime): boolean {
  const dayBefore = day === 1 ? 7 : day - 1
  if (from < to) return days.includes(day) && minute >= from && minute < to
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < to)
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

const NAMED_PATHS = 5

/**
 * May this be completed? What cannot be told is refused. Case counts for nothing, because on some file systems
 * `Secrets` and `secrets` are one folder.
 */
export function forbiddenPaths({ forbiddenPaths }: PolicyRules, changed: ChangedPaths): Refusal | undefined {
  if (forbiddenPaths.length === 0) return undefined
  if (changed.kind === 'unknown')
    return {
      kind: 'refuse',
      rule: 'forbidden-paths',
      reason: `what was changed cannot be told: ${changed.reason} (policy.forbiddenPaths)`,
      hint: 'Name a commit that this clone has: if-board done --evidence COMMIT',
    }
  const patterns = forbiddenPaths.map(folded)
  const found = changed.paths.filter((path) => patterns.some((pattern) => matchesGlob(pattern, folded(path))))
  if (found.length === 0) return undefined
  const more = found.length > NAMED_PATHS ? ` and ${found.length - NAMED_PATHS} more` : ''
  const listed = found.slice(0, NAMED_PATHS).map((path) => `\`${printable(path, 200)}\``)
  return {
    kind: 'refuse',
    rule: 'forbidden-paths',
    reason: `the commit changes ${listed.join(', ')}${more} (policy.forbiddenPaths)`,
    hint: 'Commit the work without these files, or let a person complete the task on the board',
  }
}

function folded(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
