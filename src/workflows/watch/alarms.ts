/**
 * What a person should hear of, told once each until it ends. Pure.
 *
 * A condition is something that holds now; it becomes an alarm when this watcher has seen it hold for `afterMs` without
 * a break. Time is that of one observer, as for leases: a jump of the clock or a reboot makes it wait longer.
 */
import { elapsedMs, type Moment } from '../../claim/index.ts'

export type AlarmKind =
  | 'ready-untaken'
  | 'session-silent'
  | 'session-idle'
  | 'critical-blocker'
  | 'same-deliverable'
  | 'breaker-open'
  | 'quarantined'
  | 'objective-burning'
  | 'budget'
  | 'help-wanted'
  | 'switch-held'

export interface Condition {
  /** The same for as long as it is the same condition. */
  readonly key: string
  readonly alarm: AlarmKind
  readonly afterMs: number
  /** Id of the task; `null`: none. */
  readonly task: string | null
  readonly session: string | null
  /** Texts of boards are in it as they are: whoever prints them makes them printable. */
  readonly message: string
  readonly hint: string
}

interface Following {
  readonly since: Moment
  readonly told: boolean
  readonly condition: Pick<Condition, 'alarm' | 'task' | 'session'>
}

/** Conditions that hold, by key. */
export type Followed = ReadonlyMap<string, Following>

export interface FollowedNow {
  readonly followed: Followed
  /** To be told now. */
  readonly raised: readonly (Condition & { readonly since: Moment })[]
  /** Were told, and hold no more. */
  readonly ended: readonly (Following['condition'] & { readonly since: Moment })[]
  /** Until the next one is due; `undefined`: none is. */
  readonly dueInMs: number | undefined
}

export function follow(before: Followed, conditions: readonly Condition[], now: Moment): FollowedNow {
  const followed = new Map<string, Following>()
  const raised: (Condition & { readonly since: Moment })[] = []
  let dueInMs: number | undefined
  for (const condition of conditions) {
    const { key, alarm, task, session, afterMs } = condition
    const known = before.get(key)
    const since = known !== undefined && known.since.bootId === now.bootId ? known.since : now
    const leftMs = afterMs - elapsedMs(since, now)
    const isNew = known?.told !== true && leftMs <= 0
    if (isNew) raised.push({ ...condition, since })
    else if (known?.told !== true) dueInMs = Math.min(dueInMs ?? leftMs, leftMs)
    followed.set(key, { since, told: isNew || known?.told === true, condition: { alarm, task, session } })
  }
  const ended = [...before]
    .filter(([key, { told }]) => told && !followed.has(key))
    .map(([, { condition, since }]) => ({ ...condition, since }))
  return { followed, raised, ended, dueInMs }
}

/** As text that a restart reads, so that it tells nothing twice. */
export function renderFollowed(followed: Followed): string {
  return `${JSON.stringify([...followed])}\n`
}

/** What is damaged is forgotten: then it is told again. */
export function parseFollowed(text: string): Followed {
  try {
    const entries = JSON.parse(text) as unknown
    return new Map(Array.isArray(entries) ? entries.filter(isEntry) : [])
  } catch {
    return new Map()
  }
}

function isEntry(entry: unknown): entry is [string, Following] {
  const [key, value] = Array.isArray(entry) ? entry : []
  const { since, told, condition } = (value ?? {}) as Partial<Following>
  return (
    typeof key === 'string' &&
    typeof told === 'boolean' &&
    typeof condition?.alarm === 'string' &&
    Number.isFinite(since?.wallMs) &&
    Number.isFinite(since?.monotonicMs) &&
    typeof since?.bootId === 'string'
  )
}
