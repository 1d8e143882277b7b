/**
 * The simple rules of the config: hours, sections, approval, how many sessions may try a task, forbidden paths. Pure; what
 * is not known never counts as allowed.
 */
import { matchesGlob } from '../model/glob.ts'
import type { EpochMs, PolicyRules, SessionName, TaskAccount, TaskKey } from '../model/index.ts'
import type { Verdict } from './admission.ts'

/** What the rules look at in a task. */
export interface PolicyTask {
  readonly id: string
  readonly key: TaskKey
  readonly section: string | undefined
}

export interface PolicyRequest {
  readonly rules: PolicyRules
  readonly session: SessionName
  readonly task: PolicyTask
  readonly account: TaskAccount | undefined
}

export type PolicyRule = 'hours' | 'section' | 'approval' | 'sessions-per-task'

export interface RuleVerdict {
  readonly rule: PolicyRule
  readonly verdict: Verdict
}

const ALLOW: Verdict = { kind: 'allow' }

/** The first rule that refuses the task to the session; `hours` is for the session and asked beside it. */
export function admitTask(request: PolicyRequest): Verdict {
  return taskVerdicts(request).find(({ verdict }) => verdict.kind === 'refuse')?.verdict ?? ALLOW
}

/** Every rule about session and task with its verdict, in their order. */
export function taskVerdicts(request: PolicyRequest): RuleVerdict[] {
  return [
    { rule: 'section', verdict: sectionVerdict(request) },
    { rule: 'approval', verdict: approvalVerdict(request) },
    { rule: 'sessions-per-task', verdict: triedVerdict(request) },
  ]
}

function sectionVerdict({ rules, session, task }: PolicyRequest): Verdict {
  const heading = task.section?.toLowerCase()
  const closed = rules.sections.find(
    ([words, sessions]) => heading?.includes(words.toLowerCase()) === true && !sessions.includes(session),
  )
  if (closed === undefined) return ALLOW
  const [section, sessions] = closed
  const whose = sessions.length === 0 ? 'nobody' : sessions.join(', ')
  return refuse('section', `${task.id} is in the section \`${section}\`, which is for ${whose} (policy.sections)`)
}

function approvalVerdict({ rules, task }: PolicyRequest): Verdict {
  if (!names(rules.approval, task) || names(rules.approved, task)) return ALLOW
  return refuse(
    'approval',
    `${task.id} waits for the approval of a person: if-board policy approve ${task.id} (policy.approval)`,
  )
}

/** Is the task among these, by its id or its key? */
export function names(tasks: readonly string[], { id, key }: PolicyTask): boolean {
  return tasks.includes(id) || tasks.includes(key)
}

/** Who tried it before may try again: it is one more session that is refused. */
function triedVerdict({ rules, session, task, account }: PolicyRequest): Verdict {
  const tried = account?.tried ?? []
  if (rules.sessionsPerTask === undefined || tried.length < rules.sessionsPerTask || tried.includes(session))
    return ALLOW
  return refuse(
    'sessions-per-task',
    `${tried.length} of at most ${rules.sessionsPerTask} sessions have tried ${task.id}: ${tried.join(', ')} (policy.sessionsPerTask)`,
  )
}

function refuse(rule: string, reason: string): Verdict {
  return { kind: 'refuse', rule, reason }
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** May anything be claimed now? By the wall clock of the zone, so an hour that summer time leaves out never comes. */
export function admitHours({ hours }: PolicyRules, now: EpochMs): Verdict {
  if (hours === undefined) return ALLOW
  const local = localTime(now, hours.zone)
  if (local !== undefined && isWithin(hours, local)) return ALLOW
  const days = hours.days.map((day) => DAYS[day - 1]).join(' ')
  const when = `${clock(hours.from)}-${clock(hours.to)} ${hours.zone}, ${days}`
  const is = local === undefined ? 'this machine does not know the time there' : `it is ${local.text}`
  return refuse('hours', `tasks are claimed ${when}; ${is} (policy.hours)`)
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

/** Paths that a completing commit changed, as far as the clone can tell. */
export type ChangedPaths =
  | { readonly kind: 'known'; readonly paths: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string }

const NAMED_PATHS = 5

/**
 * May this be completed? What cannot be told is refused. Case counts for nothing, because on some file systems
 * `Secrets` and `secrets` are one folder.
 */
export function admitPaths({ forbiddenPaths }: PolicyRules, changed: ChangedPaths): Verdict {
  if (forbiddenPaths.length === 0) return ALLOW
  if (changed.kind === 'unknown')
    return refuse(
      'forbidden-paths',
      `what was changed cannot be told: ${changed.reason}; name a commit of this clone with --evidence COMMIT (policy.forbiddenPaths)`,
    )
  const patterns = forbiddenPaths.map(folded)
  const found = changed.paths.filter((path) => patterns.some((pattern) => matchesGlob(pattern, folded(path))))
  if (found.length === 0) return ALLOW
  const more = found.length > NAMED_PATHS ? ` and ${found.length - NAMED_PATHS} more` : ''
  const listed = found.slice(0, NAMED_PATHS).map((path) => `\`${path}\``)
  return refuse('forbidden-paths', `the commit changes ${listed.join(', ')}${more} (policy.forbiddenPaths)`)
}

function folded(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
