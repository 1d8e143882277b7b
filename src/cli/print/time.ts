/** Times and durations as people say them; all times in UTC, from RFC 3339 text. Pure. */

/** `02:37:14.023`. */
export function clockOf(time: string): string {
  return time.slice(11, 23)
}

/** `2025-11-12`. */
export function dayOf(time: string): string {
  return time.slice(0, 10)
}

/** `2025-11-12 02:37:14.023`. */
export function dayAndClock(time: string): string {
  return `${dayOf(time)} ${clockOf(time)}`
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** In words, exact to a tenth or less: `47 seconds`, `1 hour 12 minutes`, `3 days 4 hours`. */
export function spokenDuration(seconds: number): string {
  if (seconds < 1) return 'less than a second'
  const at = UNITS.findIndex(([, size]) => Math.round(seconds) >= size)
  const [unit, size] = UNITS[at] ?? ['second', 1]
  const next = UNITS[at + 1]
  if (next === undefined) return counted(Math.round(seconds), unit)
  const whole = Math.round(seconds / next[1])
  const [count, rest] = [Math.floor((whole * next[1]) / size), whole % (size / next[1])]
  return rest === 0 ? counted(count, unit) : `${counted(count, unit)} ${counted(rest, next[0])}`
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
