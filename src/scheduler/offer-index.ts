/**
 * What `pick` says of what `rank` gives, for a process that decides again and again about one board: its tasks are
 * sorted once, not for every session, and a claim, a completion or a failure changes the place of one task.
 */
import type { SessionName, Task, TaskKey } from '../model/index.ts'
import type { TakersOf } from './divide.ts'
import { mergeGroups, type Offered, type Seen } from './merge-groups.ts'
import { type Demand, type Group, type GroupsRequest, OfferGroups } from './offer-groups.ts'
import { contestedPlace, ownPlace, type PickRequest } from './pick.ts'
import { type Assignment, type RankedTask, type RankRequest, rank, reasonsFor } from './rank.ts'
import { sessionMatches } from './session-words.ts'

export interface DecisionRequest extends Omit<PickRequest, 'ranked' | 'contest'>, Pick<RankRequest, 'pins'> {
  /** Where something tells sessions apart: who may take a task, best first. */
  readonly takersOf?: TakersOf | undefined
  /** |has ∩ needs| / |needs| for the session. One function for one set of skills: its answers are kept with it. */
  readonly match: (demand: Demand) => number
  /** Is what these owner words mean kept for them? One function for one set of sessions: its answers are kept with it. */
  readonly isKept: (ownerWords: string, demand: Demand) => boolean
}

interface Meant {
  readonly words: string
  readonly demand: Demand
}

export class OfferIndex {
  readonly #groups: OfferGroups
  readonly #schedule: GroupsRequest['schedule']
  readonly #onPath: ReadonlySet<TaskKey>
  readonly #named = new Map<string, Task[]>()
  readonly #matches = answersOf<Demand, number>(({ name }) => name)
  readonly #kept = answersOf<Meant, boolean>(({ words, demand }) => `${demand.name}\n${words}`)
  readonly #words = answersOf<string, boolean>((words) => words)
  readonly #mine = new Map<SessionName, (words: string) => boolean>()

  /** O(n log n). */
  constructor(request: GroupsRequest) {
    this.#groups = new OfferGroups(request)
    this.#schedule = request.schedule
    this.#onPath = new Set(request.schedule.criticalPath)
    for (const task of request.tasks)
      for (const name of new Set<string>([task.key, task.id])) {
        const named = this.#named.get(name)
        if (named === undefined) this.#named.set(name, [task])
        else named.push(task)
      }
  }

  /** The task became ready, or is ready no more. */
  offer(key: TaskKey, isReady: boolean): void {
    this.#groups.offer(key, isReady)
  }

  /** Who failed at the task last; `undefined` = nobody. */
  fail(key: TaskKey, by: SessionName | undefined): void {
    this.#groups.fail(key, by)
  }

  /**
   * The task to claim, of those that the session matches: the same as `pick` of `rank`.
   *
   * O(groups + idle sessions × log groups), beside what answers cost that are asked for the first time.
   */
  decide(request: DecisionRequest): RankedTask | undefined {
    return this.#pinned(request) ?? this.#first(request)
  }

  /** What is pinned stands before all else; it is little, and goes its ordinary way. */
  #pinned({ pins, session, match }: DecisionRequest): RankedTask | undefined {
    const found = [...new Set(pins.flatMap((pin) => this.#named.get(pin) ?? []))].flatMap(
      ({ key }) => this.#groups.readyAt(key) ?? [],
    )
    const fitting = found.filter(({ group: { demand } }) => match(demand) >= demand.threshold)
    const failures = fitting.flatMap(({ entry, group }) =>
      group.failed === undefined ? [] : [[entry.task.key, group.failed] as const],
    )
    const ready = fitting.map(({ entry }) => entry).sort((a, b) => a.at - b.at)
    return rank({
      ready: ready.map(({ task }) => task),
      session,
      pins,
      schedule: this.#schedule,
      // A pin goes before whoever it would be kept for.
      isKept: () => false,
      failedBy: new Map(failures),
    })[0]
  }

  #first(request: DecisionRequest): RankedTask | undefined {
    const all = this.#seenBy(request)
    const groups = workOf(all.filter(fits))
    if (groups.length === 0) return undefined
    const mine = mergeGroups(groups)
    const top = mine(0)
    if (top.assignment === 'mine') return this.#ranked(top)
    return this.#ranked(contested(workOf(all), request) ?? mine(ownPlace(request, countOf(groups))))
  }

  #ranked({ entry: { task, remainingMinutes }, group: { tier }, assignment }: Offered): RankedTask {
    const reasons = reasonsFor({ task, tier, assignment, remainingMinutes }, this.#schedule, this.#onPath)
    return { task, tier, assignment, reasons }
  }

  /** The groups with ready tasks that are not meant for others, whether the session fits them or not. */
  #seenBy({ session, match, isKept }: DecisionRequest): Seen[] {
    const matches = this.#matches(match)
    const asked = { isMine: this.#isMine(session), isKept: this.#kept(meantBy(isKept)) }
    const seen: Seen[] = []
    for (const group of this.#groups.all()) {
      if (group.ready.length === 0 || group.failed === session) continue
      const fit = matches(group.demand)
      const assignment = assignmentOf(group, asked)
      if (assignment !== 'withheld') seen.push({ group, fit, weight: fit, assignment })
    }
    return seen
  }

  #isMine(session: SessionName): (words: string) => boolean {
    const ask = this.#mine.get(session) ?? ((words: string) => sessionMatches(words, session))
    this.#mine.set(session, ask)
    return this.#words(ask)
  }
}

function contested(groups: readonly Seen[], request: DecisionRequest): Offered | undefined {
  const { takersOf } = request
  if (takersOf === undefined) return undefined
  const offered = mergeGroups(groups.map((seen) => ({ ...seen, weight: 0 })))
  const place = contestedPlace(request, {
    count: countOf(groups),
    taskAt: (at) => offered(at).entry.task,
    mayTake: (at) => fits(offered(at)),
    takersOf,
  })
  return place === undefined ? undefined : offered(place)
}

function fits({ group, fit }: Seen): boolean {
  return fit >= group.demand.threshold
}

/** Fillers only where nothing else is left. */
function workOf(groups: readonly Seen[]): readonly Seen[] {
  const work = groups.filter(({ group }) => group.tier !== 'filler')
  return work.length > 0 ? work : groups
}

function countOf(groups: readonly Seen[]): number {
  return groups.reduce((sum, { group }) => sum + group.ready.length, 0)
}

function assignmentOf(
  { words, demand, failed }: Group,
  { isMine, isKept }: { readonly isMine: (words: string) => boolean; readonly isKept: (meant: Meant) => boolean },
): Assignment | 'withheld' {
  if (words === '') return 'nobody'
  if (isMine(words)) return 'mine'
  if (failed !== undefined && sessionMatches(words, failed)) return 'others'
  return isKept({ words, demand }) ? 'withheld' : 'others'
}

const oneOf = new WeakMap<DecisionRequest['isKept'], (meant: Meant) => boolean>()

/** One function for one function, so that answers are found again. */
function meantBy(isKept: DecisionRequest['isKept']): (meant: Meant) => boolean {
  const known = oneOf.get(isKept) ?? (({ words, demand }: Meant) => isKept(words, demand))
  oneOf.set(isKept, known)
  return known
}

/** The answers of each function, kept for as long as somebody has the function. */
function answersOf<Q, A>(nameOf: (question: Q) => string): (ask: (question: Q) => A) => (question: Q) => A {
  const kept = new WeakMap<(question: Q) => A, Map<string, A>>()
  return (ask) => {
    const answers = kept.get(ask) ?? new Map<string, A>()
    kept.set(ask, answers)
    return (question) => {
      const name = nameOf(question)
      const known = answers.get(name)
      if (known !== undefined) return known
      const answer = ask(question)
      answers.set(name, answer)
      return answer
    }
  }
}
