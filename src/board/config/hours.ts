/** `08:00-20:00 Europe/Berlin mon-fri` ↔ the rule's own form. */
import type { PolicyRules } from '../../model/index.ts'

type Hours = NonNullable<PolicyRules['hours']>

/** By ISO 8601 number less one. */
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const EVERY_DAY: readonly number[] = [1, 2, 3, 4, 5, 6, 7]

/** The hours, or what is wrong with them beside their form, which the schema holds. */
export function parseHours(text: string): Hours | string {
  const [time = '', ...rest] = text.split(' ')
  const [from = '', to = ''] = time.split('-')
  const isDays = (word: string | undefined) =>
    word !== undefined && DAYS.includes(word.slice(0, 3)) && !word.includes('/')
  const days = isDays(rest.at(-1)) ? rest.pop() : undefined
  const [zone = 'UTC'] = rest
  if (!isZone(zone)) return `\`${zone}\` is no time zone that this machine knows, such as \`Europe/Berlin\``
  if (from === to) return 'hours that begin and end at the same minute are none'
  return { from: minutes(from), to: minutes(to), zone, days: days === undefined ? EVERY_DAY : toDays(days) }
}

function minutes(time: string): number {
  const [hour, minute] = time.split(':')
  return Number(hour) * 60 + Number(minute)
}

/** `mon-fri`, `mon,wed`, and over the weekend `sat-mon`. */
function toDays(text: string): number[] {
  const found = text.split(',').flatMap((range) => {
    const ends = range.split('-').map((day) => DAYS.indexOf(day))
    const [first = 0] = ends
    const last = ends.at(-1) ?? first
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => ((first + at) % 7) + 1)
  })
  return [...new Set(found)].sort()
}

/** IANA time zones as `Intl` knows them (ECMA-402, 6.5). */
function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export function writeHours({ from, to, zone, days }: Hours): string {
  const clock = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  const named = days.length === EVERY_DAY.length ? [] : [days.map((day) => DAYS[day - 1]).join(',')]
  return [`${clock(from)}-${clock(to)}`, zone, ...named].join(' ')
}
