/** What a check or a body did, in words. Pure. */
import { printable, type Run } from '../../model/index.ts'

/** `js:checks/api.js for done: exit 1, 12,345 units of fuel`. */
export function runWords({ job, purpose, outcome, status, ...rest }: Run): string {
  const end = status === undefined ? outcome : `${outcome} ${status}`
  return `${printable(job, 200)} for ${purpose}: ${end}${usedWords(rest)}`
}

/** `, 12,345 units of fuel, 3 calls of services (1 denied), so it cannot be repeated`. */
export function usedWords({ fuel, http = [] }: Pick<Run, 'fuel' | 'http'>): string {
  const used = fuel === undefined ? '' : `, ${fuel.toLocaleString('en-US')} units of fuel`
  if (http.length === 0) return used
  const sum = (name: 'calls' | 'denied' | 'unreachable' | 'cut') => http.reduce((all, use) => all + (use[name] ?? 0), 0)
  const lost = sum('unreachable') + sum('cut')
  const odd = [
    ...(sum('denied') === 0 ? [] : [`${sum('denied')} denied`]),
    ...(lost === 0 ? [] : [`${lost} without an answer`]),
  ]
  const how = odd.length === 0 ? '' : ` (${odd.join(', ')})`
  return `${used}, ${sum('calls')} ${sum('calls') === 1 ? 'call' : 'calls'} of services${how}, so it cannot be repeated`
}
