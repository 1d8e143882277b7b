/** Small pieces that several texts are made of. Pure. */
import { printable, splitTaskKey, type TaskKey } from '../../model/index.ts'

export function idOf(key: TaskKey): string {
  return splitTaskKey(key).id
}

/** Text from outside, made printable, in at most so many bytes of UTF-8; never half a character. */
export function clip(text: string, bytes: number): string {
  const clean = printable(text, Math.max(bytes, 1))
  if (Buffer.byteLength(clean) <= bytes) return clean
  let kept = ''
  let used = ELLIPSIS_BYTES
  for (const character of clean) {
    used += Buffer.byteLength(character)
    if (used > bytes) break
    kept += character
  }
  return `${kept}…`
}

const ELLIPSIS_BYTES = 3

/** A duration in one unit, such as `45 s`, `30 min`, `2 h`, `3 d`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

/** `2025-11-12 09:30 UTC`. */
export function moment(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A word that a POSIX shell hands on as it is; ids come from boards. */
function shellWord(text: string): string {
  const clean = printable(text, 200)
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(clean) ? clean : `'${clean.replace(/'/g, "'\\''")}'`
}

/** A command of ours to type; an id that looks like an option stands behind `--`. */
export function commandLine(command: string, id: string | undefined, options: readonly string[] = []): string {
  const behind = id?.startsWith('-') === true
  const before = id === undefined || behind ? [] : [shellWord(id)]
  return ['if-board', command, ...before, ...options, ...(behind ? ['--', shellWord(id)] : [])].join(' ')
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
