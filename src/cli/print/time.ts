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
  // Rounded to the smaller of the two units first: 59 minutes and 59.9 seconds are an hour.
  const at = UNITS.findIndex(([, size], index) => rounded(seconds, UNITS[index + 1]?.[1] ?? 1) >= size)
  const [unit, size] = UNITS[at] ?? UNITS[3]
  const [part, partSize] = UNITS[at + 1] ?? UNITS[3]
  const whole = rounded(seconds, partSize)
  const rest = Math.round((whole % size) / partSize)
  return [counted(Math.floor(whole / size), unit), ...(rest === 0 ? [] : [counted(rest, part)])].join(' ')
}

function rounded(seconds: number, unit: number): number {
  return Math.round(seconds / unit) * unit
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
