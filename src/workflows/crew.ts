/** How sessions and tasks fit, by one reading: of one session alone, and of those that want the same task. */
import { type Crew, capabilityBook, matchOf, openCrew, reputationOf } from '../governor/index.ts'
import type { SessionName, Task } from '../model/index.ts'
import type { Reading } from './reading.ts'

/** |has ∩ needs| / |needs| of this session for any task; 1 where the task needs nothing. */
export function matchesFor({ config, skillsOf }: Reading, session: SessionName): (task: Task) => number {
  const book = capabilityBook(config.governor.capabilities)
  return (task) => (task.capabilities.length === 0 ? 1 : matchOf(book.needsOf(task), skillsOf(session).has))
}

/** The match as a claim says it; `undefined` where the task needs nothing. */
export function scoreOf(reading: Reading, session: SessionName, task: Task): number | undefined {
  return task.capabilities.length === 0 ? undefined : matchesFor(reading, session)(task)
}

/**
 * Who takes which of the tasks when these sessions want them; `undefined` where nothing tells the sessions apart: no
 * task needs anything, nobody said a rate, and none is known better than another.
 */
export function crewOf(
  { config, accounts, skillsOf }: Reading,
  sessions: readonly SessionName[],
  tasks: readonly Task[],
): Crew | undefined {
  const accountOf = new Map(accounts.ledger.sessions.map((account) => [account.session, account]))
  const members = sessions.map((session) => ({
    session,
    skills: skillsOf(session),
    reputation: reputationOf(accountOf.get(session)),
    rateMicroUsdPerHour: accountOf.get(session)?.rateMicroUsdPerHour,
  }))
  const [first] = members
  const areAlike = members.every(
    ({ reputation, rateMicroUsdPerHour: rate }) => rate === undefined && reputation === first?.reputation,
  )
  if (areAlike && tasks.every(({ capabilities }) => capabilities.length === 0)) return undefined
  return openCrew(capabilityBook(config.governor.capabilities), members, accounts.ledger.boards)
}
