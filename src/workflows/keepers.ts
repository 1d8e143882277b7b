/** For whom a task is kept whose owner cell or section names a session. */
import { capabilities, capabilityBook } from '../governor/index.ts'
import type { SessionName, Task } from '../model/index.ts'
import { sessionMatches } from '../scheduler/index.ts'
import type { Reading } from './reading.ts'

/**
 * Do these words mean a session that is active, whose breaker is closed, and that can do the task? What is meant for
 * one that may not take it is for whoever can, or it would be for nobody.
 */
export function isKept({ snapshot, config, accounts, skillsOf }: Reading): (words: string, task: Task) => boolean {
  const book = capabilityBook(config.governor.capabilities)
  const able = [...snapshot.sessions.values()]
    .filter(({ active, record }) => active && !accounts.breakers.has(record.name))
    .map(({ record }) => record.name)
  const known = new Map<string, readonly SessionName[]>()
  const meantBy = (words: string) => {
    const meant = known.get(words) ?? able.filter((name) => sessionMatches(words, name))
    known.set(words, meant)
    return meant
  }
  return (words, task) =>
    meantBy(words).some((session) => capabilities({ session, book, skills: skillsOf(session) }, task) === undefined)
}
