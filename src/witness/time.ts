/**
 * Times in events: RFC 3339 in UTC with milliseconds, such as `2025-11-12T09:30:00.250Z`.
 *
 * Done by arithmetic, because this room knows no clock and no `Date`. Years 1970 to 9999.
 */
import type { EpochMs } from '../model/index.ts'

const DAY_MS = 86_400_000
/** 9999-12-31T23:59:59.999Z. */
const LAST_MS = 253_402_300_799_999

/** Text of an instant; fractions of a millisecond are cut, and what lies outside the range is moved to its end. */
export function formatTime(at: EpochMs): string {
  const ms = Math.min(Math.max(Math.floor(at), 0), LAST_MS)
  const { year, month, day } = civilFromDays(Math.floor(ms / DAY_MS))
  const rest = ms % DAY_MS
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
  const clock = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60, Math.floor(rest / 1000) % 60]
  return `${date}T${clock.map((part) => pad(part, 2)).join(':')}.${pad(rest % 1000, 3)}Z`
}

/** Instant of a text that `formatTime` could have written, else `undefined`. */
export function parseTime(text: string): EpochMs | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second, milli] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const at = daysFromCivil(year, month, day) * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000 + milli
  // Writing it again refuses February 30th, hour 24 and the leap second, which have another spelling.
  return formatTime(at) === text ? at : undefined
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March, so the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return 365 * marchYear + leapDays(marchYear) + dayOfYear - DAYS_TO_1970
}

function civilFromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const since = days + DAYS_TO_1970
  let marchYear = Math.floor(since / 365.2425)
  // The quotient is off by at most one, because leap days are not spread evenly.
  while (365 * marchYear + leapDays(marchYear) > since) marchYear -= 1
  while (365 * (marchYear + 1) + leapDays(marchYear + 1) <= since) marchYear += 1
  const dayOfYear = since - 365 * marchYear - leapDays(marchYear)
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = ((marchMonth + 2) % 12) + 1
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  return { year: month <= 2 ? marchYear + 1 : marchYear, month, day }
}

/** Leap days before March 1st of that year, counted from year 0. */
function leapDays(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
}

/** From March 1st of year 0 to 1970-01-01. */
const DAYS_TO_1970 = 719_468

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
