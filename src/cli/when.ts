/** Times as people type them behind `--since`, `--until` and `--before`. Pure. */
import { type EpochMs, IfBoardError, printable } from '../model/index.ts'

const DAY_MS = 86_400_000
const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', DAY_MS],
  ['w', 7 * DAY_MS],
])

/**
 * An instant from RFC 3339 (`2025-11-12T02:37:14Z`, also with a space and without seconds), a day in UTC
 * (`2025-11-12`), or how long ago (`45min`, `2h`, `3d`). A day after `until` is meant with its last moment.
 *
 * @throws IfBoardError `usage/invalid`
 */
export function parseWhen(typed: string, now: EpochMs, bound: 'since' | 'until' | 'before'): EpochMs {
  const text = typed.trim()
  const ago = /^(\d{1,6})(s|m|min|h|d|w)$/.exec(text)
  if (ago !== null) return now - Number(ago[1]) * (UNITS.get(ago[2] as string) as number)
  const at = instantOf(text)
  if (at !== undefined) return at
  const day = instantOf(`${text}T00:00:00Z`)
  if (day !== undefined) return bound === 'until' ? day + DAY_MS : day
  throw new IfBoardError('usage/invalid', `--${bound}: \`${printable(typed, 40)}\` is not a time`, {
    hint: 'Type 2025-11-12, 2025-11-12T02:37:14Z, or how long ago: 45min, 2h, 3d',
  })
}

/** RFC 3339, section 5.6; a date that no calendar has is none. */
function instantOf(text: string): EpochMs | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.exec(text)
  if (match === null) return undefined
  const [, date = '', clock, seconds = ':00', fraction = '', zone = ''] = match
  const at = Date.parse(`${date}T${clock}${seconds}${fraction}${zone.toUpperCase()}`)
  const isDay = Number.isFinite(Date.parse(date)) && new Date(Date.parse(date)).toISOString().startsWith(date)
  return Number.isFinite(at) && isDay ? at : undefined
}
