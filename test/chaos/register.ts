/**
 * A task as one register, in git and in etcd together: free, held by a session, done by a session; and what sessions
 * were told, as operations on it.
 *
 * A claim may end by itself from when its holder believes no more. A completion that etcd had and git had not may be
 * forgotten when etcd loses its data, and never without. What the log says at the end is the last reading.
 */
import type { Operation } from '../support/linearizable.ts'
import { engineBeliefs } from './beliefs.ts'
import { type Note, type Question, questionsIn, type Told } from './notes.ts'

export interface Story {
  readonly notes: readonly Note[]
  /** When etcd lost what it had acknowledged. */
  readonly forgotten: readonly number[]
  /** When a change of who decides may have begun, which ends what nobody takes over. */
  readonly switched: readonly number[]
  /** By task: who completed it, by the log, as it was read `at`. */
  readonly done: ReadonlyMap<string, string>
  readonly at: number
}

type Register = string
const never = Number.POSITIVE_INFINITY

export function operationsOn(task: string, story: Story): Operation<Register>[] {
  const questions = questionsIn(story.notes)
  const grants = [...new Set(questions.map(({ session }) => session))].flatMap((session) =>
    grantsOf(questions.filter((one) => one.session === session)).filter((grant) => grant.told.task === task),
  )
  const ends = questions.filter(({ what, task: of }) => of === task && (what === 'done' || what === 'release'))
  const by = story.done.get(task)
  return [
    ...grants.map(takingOf),
    ...grants.flatMap((grant) => lapseOf(grant, grants, story)),
    ...ends.map(endOf),
    ...story.forgotten.map(forgetting),
    ...(by === undefined ? [] : [only(story.at, story.at, `done by ${by}, says the log`, `done ${by}`, `done ${by}`)]),
  ]
}

interface Grant {
  readonly since: number
  readonly told: Told
  /** `false`: it is the same as before, and said once more. */
  readonly isNew: boolean
}

/** Answers after which it is known what became of the question. */
const KNOWN = new Set(['granted', 'held', 'none', 'lost', 'refused'])

/** What one session was granted: told at once, or by `held` after a question whose answer it never heard. */
function grantsOf(questions: readonly Question[]): Grant[] {
  let unheard: number | undefined
  return questions.flatMap(({ what, at, told }) => {
    if (what === 'done' || what === 'release') return []
    if (told === undefined || !KNOWN.has(told.answer)) {
      unheard ??= at
      return []
    }
    if (told.answer !== 'granted' && told.answer !== 'held') return []
    const isNew = told.answer === 'granted' || unheard !== undefined
    const since = told.answer === 'granted' ? at : (unheard ?? at)
    unheard = undefined
    return [{ since, told, isNew }]
  })
}

function takingOf({ since, told: { at, session, answer }, isNew }: Grant): Operation<Register> {
  const mine = `held ${session}`
  const mayBeMine = answer === 'held'
  return {
    ...{ start: since, end: at, what: `${session}: ${answer}` },
    after: (state) => ((isNew && state === 'free') || (mayBeMine && state === mine) ? mine : undefined),
  }
}

/** From when its holder believes in it no more; in git, from when who decides is changed. */
function lapseOf({ since, told, isNew }: Grant, grants: readonly Grant[], story: Story): Operation<Register>[] {
  if (!isNew) return []
  const { session, task } = told
  const next = grants.find((one) => one.isNew && one.told.session === session && one.since > since)
  const own = engineBeliefs(story.notes).filter(
    (one) => one.session === session && one.task === task && one.from >= since && one.from < (next?.since ?? never),
  )
  const isInGit = told.token !== undefined
  const unseen = isInGit ? story.switched.find((when) => when > since) : told.at
  const start = own.length > 0 ? Math.max(...own.map(({ until }) => until)) : unseen
  return start === undefined ? [] : [only(start, never, `the claim of ${session} ends`, `held ${session}`, 'free')]
}

function forgetting(start: number): Operation<Register> {
  const after = (state: Register) => (state.startsWith('done ') ? 'free' : undefined)
  return { start, end: never, what: 'etcd forgets a completion', after }
}

function endOf({ at: start, session, what, told }: Question): Operation<Register> {
  const mine = `held ${session}`
  const next = what === 'done' ? `done ${session}` : 'free'
  const seen = (is: (state: Register) => boolean): Operation<Register> => ({
    ...{ start, end: told?.at ?? never, what: `${session}: ${what}: ${told?.answer}` },
    after: (state) => (is(state) ? state : undefined),
  })
  switch (told?.answer) {
    case 'completed': {
      const once = only(start, told.at, `${session}: ${what}`, mine, next)
      // Said again where the first answer was not heard.
      return { ...once, after: (state) => (state === next ? next : once.after(state)) }
    }
    case 'released':
      return only(start, told.at, `${session}: ${what}`, mine, next)
    case 'lost':
    case 'claim/none-held':
      return seen((state) => state !== mine)
    case 'already-settled':
      return seen((state) => state.startsWith('done '))
    default:
      return only(start, never, `${session}: ${what}, perhaps`, mine, next)
  }
}

/** From one state to another, and nothing else. */
function only(start: number, end: number, what: string, from: Register, to: Register): Operation<Register> {
  return { start, end, what, after: (state) => (state === from ? to : undefined) }
}
