/**
 * The one view that every shell shows: boards × state × claims × sessions, judged task by task.
 */
import { countsInGit, failuresSoFar, isDone, isSettled, type Judgement, judge, nextEpoch } from '../claim/index.ts'
import { linkBoards, type Schedule, schedule } from '../graph/index.ts'
import {
  type BoardName,
  type ClaimRecord,
  type Config,
  type Diagnostic,
  type ParsedBoard,
  type Project,
  type SessionName,
  type SessionRecord,
  splitTaskKey,
  type Task,
  type TaskKey,
  type TaskState,
  type TaskStatus,
} from '../model/index.ts'

/** Everything that was read, parsed but not yet judged. */
export interface Facts {
  readonly config: Config
  readonly boards: readonly ParsedBoard[]
  readonly states: ReadonlyMap<TaskKey, TaskState>
  readonly claims: readonly ClaimRecord[]
  /** Tasks whose claim ref holds something that is not understood: never offered. */
  readonly unreadable: ReadonlySet<TaskKey>
  /** Rows that the boards had at the last fold; a claim without its row never goes over to one of these. */
  readonly rowsBefore: ReadonlySet<TaskKey>
  readonly sessions: readonly SessionRecord[]
  /** Sessions whose chain moved within a lease, by this observer's clocks. */
  readonly active: ReadonlySet<SessionName>
  /** Of the mode record: claims of an older epoch do not count. */
  readonly since: number
}

export interface TaskView {
  readonly task: Task
  readonly status: TaskStatus
  readonly judgement: Judgement
  readonly state: TaskState | undefined
  /** What the task's claim ref holds; its `key` is an older one where a row was renamed or moved. */
  readonly claim: ClaimRecord | undefined
  /** Who has it: a session, or `person` where a board says so. */
  readonly holder: SessionName | 'person' | undefined
  /** Dependencies that are not done. */
  readonly blockedBy: readonly TaskKey[]
  /** Why a person set it aside: the board's or the cell's words; or why it is quarantined. */
  readonly pausedBecause: string | undefined
  /** Why it is offered to nobody until a person has looked; absent: it is not. */
  readonly quarantine?: string
}

export interface SessionView {
  readonly record: SessionRecord
  readonly active: boolean
  /** Live claims, oldest first. */
  readonly holds: readonly TaskView[]
  readonly paused: string | undefined
}

export interface Snapshot {
  readonly config: Config
  readonly project: Project
  /** In board order. */
  readonly views: ReadonlyMap<TaskKey, TaskView>
  readonly sessions: ReadonlyMap<SessionName, SessionView>
  /** Claims whose row is gone and that belong to no other row. */
  readonly orphans: readonly ClaimRecord[]
  readonly states: ReadonlyMap<TaskKey, TaskState>
  readonly diagnostics: readonly Diagnostic[]
  readonly isDone: (key: TaskKey) => boolean
  /** Schedule of what is neither done nor cancelled; made when it is first asked for. */
  readonly plan: () => Schedule
  /** Does some text say what no fold has recorded yet? */
  readonly awaitsFold: () => boolean
}

/** Judge all tasks. Pure; O(tasks + dependencies + claims). */
export function takeSnapshot(facts: Facts): Snapshot {
  const remembered = new Set(
    [...facts.states.values()].filter((state) => state.done !== undefined).map(({ key }) => key),
  )
  return judgeProject(linkBoards(facts.boards, remembered), { ...facts, isDoneElsewhere: (key) => remembered.has(key) })
}

export interface ProjectFacts extends Omit<Facts, 'boards'> {
  /** Is a task done that the project does not have? */
  readonly isDoneElsewhere: (key: TaskKey) => boolean
}

/** Judge the tasks of a project whose dependencies are resolved: all there are, or a selection of them. */
export function judgeProject(project: Project, facts: ProjectFacts): Snapshot {
  const { byTask, orphans } = adoptClaims(project, facts)
  const judged = new Map<TaskKey, Judgement>()
  for (const task of project.tasks)
    judged.set(
      task.key,
      judge({
        text: task.status,
        state: facts.states.get(task.key),
        claim: byTask.get(task.key),
        since: facts.since,
        doneWhen: facts.config.doneWhen,
      }),
    )
  const done = (key: TaskKey) => {
    const judgement = judged.get(key)
    return judgement === undefined ? facts.isDoneElsewhere(key) : isDone(judgement.standing)
  }
  const orphanIds = new Map(
    orphans.filter(({ kind }) => kind !== 'returned').map((claim) => [splitTaskKey(claim.key).id, claim]),
  )
  const pauses = new Map(project.boards.map(({ name, paused }) => [name, paused]))
  const views = new Map<TaskKey, TaskView>()
  for (const task of project.tasks)
    views.set(task.key, viewTask(task, { facts, pauses, judged, byTask, done, orphanIds }))
  return {
    config: facts.config,
    project,
    views,
    sessions: viewSessions(facts, views),
    orphans,
    states: facts.states,
    diagnostics: [...project.diagnostics, ...cancelledDependencies(project, judged)],
    isDone: done,
    plan: once(() => schedule(project, (key) => done(key) || views.get(key)?.status === 'cancelled')),
    awaitsFold: () => [...views.values()].some(isPersonsEdit),
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** A fold leaves text and `shown` equal, so where they differ a person typed. */
export function isPersonsEdit({ task, state }: TaskView): boolean {
  return task.status !== 'unknown' && task.status !== (state?.shown ?? 'available')
}

/**
 * The same, with tasks set aside at which too many sessions failed, for the reason given. What is held may be finished;
 * who has set the word of a cell anew decided to have it tried again.
 */
export function withQuarantine(snapshot: Snapshot, reasons: ReadonlyMap<TaskKey, string>): Snapshot {
  if (reasons.size === 0) return snapshot
  const views = new Map(snapshot.views)
  for (const [key, quarantine] of reasons) {
    const view = views.get(key)
    if (view !== undefined && mayBeQuarantined(view))
      views.set(key, { ...view, status: 'paused', pausedBecause: quarantine, quarantine })
  }
  return { ...snapshot, views }
}

function mayBeQuarantined(view: TaskView): boolean {
  const isOpen = view.status === 'ready' || view.status === 'blocked'
  return isOpen && view.judgement.standing.kind === 'open' && !isPersonsEdit(view)
}

/**
 * Give every claim its row. A claim whose row is gone belongs to the row that a fold recorded as its heir, else
 * to the only new row with its id on another board, else to the only new row with its title; else it is an orphan.
 */
function adoptClaims(project: Project, facts: ProjectFacts) {
  const byTask = new Map<TaskKey, ClaimRecord>()
  const lost = facts.claims.filter(({ key }) => !project.byKey.has(key))
  for (const claim of facts.claims) if (project.byKey.has(claim.key)) byTask.set(claim.key, claim)
  if (lost.length === 0) return { byTask, orphans: lost }
  const isFree = (task: Task) => !byTask.has(task.key)
  const isNew = (task: Task) => isFree(task) && !facts.states.has(task.key) && !facts.rowsBefore.has(task.key)
  // A row that was renamed again has left a state behind that says the same: only rows that are there count.
  const heirs = new Map(
    [...facts.states.values()].flatMap(({ key, from }) =>
      from === undefined || !project.byKey.has(key) ? [] : [[from, key]],
    ),
  )
  const orphans: ClaimRecord[] = []
  for (const claim of lost) {
    const recorded = project.byKey.get(heirs.get(claim.key) ?? claim.key)
    const heir = recorded !== undefined && isFree(recorded) ? recorded : heirOf(claim, project, isNew)
    if (heir !== undefined) byTask.set(heir.key, claim)
    else if (countsInGit(facts, claim)) orphans.push(claim)
  }
  return { byTask, orphans }
}

function heirOf(
  { key, event, kind }: ClaimRecord,
  { tasks }: Project,
  isNew: (task: Task) => boolean,
): Task | undefined {
  if (kind === 'returned') return undefined
  const { id } = splitTaskKey(key)
  const fresh = tasks.filter(isNew)
  const sameId = fresh.filter((task) => task.id === id)
  const candidates = sameId.length > 0 ? sameId : fresh.filter(({ title }) => title === event.data.task?.title)
  return candidates.length === 1 ? candidates[0] : undefined
}

interface ViewContext {
  readonly facts: ProjectFacts
  /** Reasons of boards that are paused. */
  readonly pauses: ReadonlyMap<BoardName, string | undefined>
  readonly judged: ReadonlyMap<TaskKey, Judgement>
  readonly byTask: ReadonlyMap<TaskKey, ClaimRecord>
  readonly done: (key: TaskKey) => boolean
  readonly orphanIds: ReadonlyMap<string, ClaimRecord>
}

function viewTask(task: Task, { facts, pauses, judged, byTask, done, orphanIds }: ViewContext): TaskView {
  const judgement = judged.get(task.key) as Judgement
  const blockedBy = task.dependencies.filter((key) => !done(key))
  const boardPause = pauses.get(task.board)
  const orphan = orphanIds.get(task.id)
  const base = { task, judgement, state: facts.states.get(task.key), claim: byTask.get(task.key), blockedBy }
  const { standing } = judgement
  const pausedBecause =
    standing.kind === 'paused'
      ? (task.statusNote ?? task.statusText)
      : standing.kind === 'open'
        ? boardPause
        : undefined
  if (facts.unreadable.has(task.key) && !isSettled(standing))
    return { ...base, status: 'unknown', holder: undefined, pausedBecause }
  switch (standing.kind) {
    case 'held':
      return { ...base, status: 'claimed', holder: standing.claim.session, pausedBecause }
    case 'held-by-person':
      return { ...base, status: 'claimed', holder: 'person', pausedBecause }
    case 'review':
      return { ...base, status: 'review', holder: standing.claim.session, pausedBecause }
    case 'completed':
    case 'settled-by-person':
      return { ...base, status: 'done', holder: undefined, pausedBecause }
    case 'cancelled':
      return { ...base, status: 'cancelled', holder: undefined, pausedBecause }
    case 'paused':
      return { ...base, status: 'paused', holder: standing.holder?.session, pausedBecause }
    case 'unknown':
      return { ...base, status: 'unknown', holder: standing.holder?.session, pausedBecause }
    case 'open': {
      if (orphan !== undefined) return { ...base, status: 'claimed', holder: orphan.session, pausedBecause }
      if (boardPause !== undefined) return { ...base, status: 'paused', holder: undefined, pausedBecause }
      const blocked = blockedBy.length > 0 || task.externalBlockers.length > 0
      return { ...base, status: blocked ? 'blocked' : 'ready', holder: undefined, pausedBecause }
    }
  }
}

function viewSessions(
  facts: ProjectFacts,
  views: ReadonlyMap<TaskKey, TaskView>,
): ReadonlyMap<SessionName, SessionView> {
  const holds = new Map<SessionName, TaskView[]>()
  for (const view of views.values()) {
    const { standing } = view.judgement
    const claim = standing.kind === 'held' ? standing.claim : 'holder' in standing ? standing.holder : undefined
    if (claim !== undefined) holds.set(claim.session, [...(holds.get(claim.session) ?? []), view])
  }
  return new Map(
    facts.sessions.map((record) => [
      record.name,
      {
        record,
        active: facts.active.has(record.name),
        holds: (holds.get(record.name) ?? []).sort((a, b) => (a.claim?.at ?? 0) - (b.claim?.at ?? 0)),
        paused: facts.config.pausedSessions.get(record.name),
      },
    ]),
  )
}

function cancelledDependencies(project: Project, judged: ReadonlyMap<TaskKey, Judgement>): Diagnostic[] {
  return project.tasks.flatMap((task) =>
    task.dependencies
      .filter((key) => judged.get(key)?.standing.kind === 'cancelled')
      .map((key) => ({
        ...task.place,
        code: 'board/cancelled-dependency',
        severity: 'warning' as const,
        message: `\`${task.id}\` depends on \`${splitTaskKey(key).id}\`, which is cancelled and satisfies nothing`,
        hint: 'Name another dependency, or reopen the cancelled task',
      })),
  )
}

/** Live claims of one session, oldest first, also when its chain ref is gone. */
export function heldBy(snapshot: Snapshot, session: SessionName): TaskView[] {
  return [...snapshot.views.values()]
    .filter(({ judgement: { standing } }) => {
      const claim = standing.kind === 'held' ? standing.claim : 'holder' in standing ? standing.holder : undefined
      return claim?.session === session
    })
    .sort((a, b) => (a.claim?.at ?? 0) - (b.claim?.at ?? 0))
}

/** Epoch and failures that the next event of a task carries. */
export function counts(view: TaskView): { readonly epoch: number; readonly failures: number } {
  return { epoch: nextEpoch(view.claim, view.state), failures: failuresSoFar(view.claim, view.state) }
}

/** Epoch of the newest grant that is over; 0: none is. */
export function endedEpoch(view: TaskView): number {
  const { epoch } = counts(view)
  return Math.max(0, view.claim?.kind === 'granted' ? epoch - 2 : epoch - 1)
}

/** Who failed at it last; a claim that was withdrawn tried nothing and keeps it. */
export function failedBy({ event, session }: ClaimRecord): SessionName | undefined {
  if (event.type === 'if-board.fail') return session
  return event.type === 'if-board.withdraw' ? event.data.failedBy : undefined
}

/** Whose failure a task last saw: it is not offered to that session until another tried. */
export function lastFailures(views: ReadonlyMap<TaskKey, TaskView>): ReadonlyMap<TaskKey, SessionName> {
  const failures = new Map<TaskKey, SessionName>()
  for (const { task, claim } of views.values()) {
    const session = claim === undefined ? undefined : failedBy(claim)
    if (session !== undefined) failures.set(task.key, session)
  }
  return failures
}
