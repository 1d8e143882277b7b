/**
 * What must hold of the notes of a chaos run, whatever was done meanwhile.
 *
 * - No two sessions believed in one task at once. An engine's belief lasts until its time is over or it gives it up; what
 *   two answers of one session say of one claim held between them.
 * - Tokens of a task grow from holder to holder.
 * - Each task is one register, in git and in etcd together (register.ts).
 */
import { linearize, type Operation } from '../support/linearizable.ts'
import { type Belief, beliefsIn, compare } from './beliefs.ts'
import { operationsOn, type Story } from './register.ts'

export function problemsIn(story: Story): string[] {
  const beliefs = beliefsIn(story.notes)
  return [...heldTwice(beliefs), ...tokensBack(beliefs), ...notLinearizable(story)]
}

function heldTwice(beliefs: readonly Belief[]): string[] {
  return ofTwoSessions(beliefs)
    .filter(([one, other]) => other.from < one.until)
    .map(([one, other]) => `${said(one)} while ${said(other)}`)
}

function tokensBack(beliefs: readonly Belief[]): string[] {
  return ofTwoSessions(beliefs)
    .filter(([one, other]) => one.token && other.token && compare(one.token, other.token) >= 0)
    .map(([one, other]) => `the token went back: ${said(one)}, then ${said(other)}`)
}

/** Two beliefs in one task, the one that began first before the other. */
function ofTwoSessions(beliefs: readonly Belief[]): (readonly [Belief, Belief])[] {
  const sorted = [...beliefs].sort((a, b) => a.from - b.from)
  return sorted.flatMap((one, at) =>
    sorted
      .slice(at + 1)
      .filter((other) => other.task === one.task && other.session !== one.session)
      .map((other) => [one, other] as const),
  )
}

function said({ session, task, token, from, until }: Belief): string {
  const under = token === undefined ? '' : ` under (${token.epoch}, ${token.number})`
  return `${session} believed to hold ${task}${under} from ${from.toFixed(0)} to ${until.toFixed(0)}`
}

function notLinearizable(story: Story): string[] {
  return [...story.done.keys()].flatMap((task) => {
    const operations = operationsOn(task, story)
    const { isLinearizable, longest } = linearize<string>('free', operations)
    if (isLinearizable) return []
    const all = operations.sort((a, b) => a.start - b.start).map(told)
    return [`${task}: only ${longest.length} fit: … ${longest.slice(-8).join('; ')}; of all: ${all.join('; ')}`]
  })
}

function told({ start, end, what }: Operation<string>): string {
  return `${start.toFixed(0)}–${end.toFixed(0)} ${what}`
}
