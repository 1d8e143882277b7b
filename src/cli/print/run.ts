/** What a check or a body did, in words. Pure. */
import { printable, type Run } from '../../model/index.ts'

/** `js:checks/api.js for done: exit 1, 12,345 units of fuel`. */
export function runWords({ job, purpose, outcome, status, fuel }: Run): string {
  const end = status === undefined ? outcome : `${outcome} ${status}`
  const used = fuel === undefined ? '' : `, ${fuel.toLocaleString('en-US')} units of fuel`
  return `${printable(job, 200)} for ${purpose}: ${end}${used}`
}
