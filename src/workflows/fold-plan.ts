/**
 * What a fold leaves of every task: the word in its cell, the line in the state, the ref to sweep.
 *
 * Text and state after the fold say what judged now holds, so that judging again, without the
 * swept refs, gives the same standing. `test/workflows/fold.test.ts` holds it to that.
 */
import { isSettled } from '../claim/index.ts'
import type { ClaimRecord, DoneRecord, EpochMs, Evidence, ObjectId, StatusWord, TaskState } from '../model/index.ts'
import { clip } from '../model/index.ts'
import type { Snapshot, TaskView } from '../projection/index.ts'

export interface PersonalEdit {
  /** Commit in which a person decided, and who and when. */
  readonly commit: ObjectId
  readonly name: string
  readonly at: EpochMs
}

export interface TaskPlan {
  readonly view: TaskView
  /** Word to write into the text; `undefined` leaves every byte. */
  readonly write: Exclude<StatusWord, 'unknown'> | undefined
  /** Shown beside the word: the session that claimed it, or why it is quarantined. */
  readonly by: string | undefined
  /** Claim ref to delete, with this value as its lease. */
  readonly sweep: ClaimRecord | undefined
  /**
   * `word`: worth a fold if the text can show it. `housekeeping`: a stale BLOCKED or AVAILABLE, brought in line
   * in a fold that happens anyway.
   */
  readonly kind: 'due' | 'word' | 'housekeeping'
}

/** Everything that differs from what the board and its state already say. */
export function planTasks(snapshot: Snapshot): TaskPlan[] {
  const usesBlocked = new Set(
    [...snapshot.views.values()].filter(({ task }) => task.status === 'blocked').map(({ task }) => task.board),
  )
  return [...snapshot.views.values()]
    .map((view) => planTask(view, usesBlocked.has(view.task.board)))
    .filter((plan) => plan.write !== undefined || plan.kind === 'due')
}

function planTask(view: TaskView, usesBlocked: boolean): TaskPlan {
  const { task, judgement, claim } = view
  const { word, by, isNews } = wordOf(view, usesBlocked)
  const differs = word !== task.status || isShownForAnother(view)
  const shows = word !== undefined && word !== 'unknown' && differs && isShowable(view, word)
  const swept = claim !== undefined && (isSettled(judgement.standing) || judgement.voids || isVoid(view))
  return {
    view,
    write: shows ? word : undefined,
    by,
    sweep: swept ? claim : undefined,
    kind: swept || needsRecord(view) ? 'due' : shows && isNews ? 'word' : 'housekeeping',
  }
}

interface Word {
  /** `undefined` leaves the cell as it is. */
  readonly word: StatusWord | undefined
  readonly by: string | undefined
  /** Does it say more than whether the task can be started? */
  readonly isNews: boolean
}

function wordOf(view: TaskView, usesBlocked: boolean): Word {
  const { task, judgement, quarantine, holder } = view
  const { target } = judgement
  if (target !== undefined) return { word: target, by: target === 'claimed' ? holder : undefined, isNews: true }
  if (quarantine !== undefined && task.statusText !== '') return { word: 'paused', by: quarantine, isNews: true }
  return { word: openWord(view, usesBlocked), by: undefined, isNews: false }
}

/**
 * The cell says CLAIMED for a claim that is over, and another session holds the task by now. Unless the state
 * follows, a person who frees the task would free the older claim, and nothing would happen.
 */
function isShownForAnother({ task, state, judgement: { standing } }: TaskView): boolean {
  const isShown = task.status === 'claimed' && state?.shown === 'claimed'
  return isShown && standing.kind === 'held' && state.claim !== standing.claim.oid
}

/** An open task says whether it can be started, where its board has words for that. */
function openWord({ task, status, state, blockedBy }: TaskView, usesBlocked: boolean): StatusWord | undefined {
  if (status === 'unknown' || task.statusText === '') return undefined
  const isBlocked = blockedBy.length > 0 || task.externalBlockers.length > 0
  const personSaidAvailable =
    state?.said?.status === 'available' || state?.shown !== (task.status as StatusWord | undefined)
  if (task.status === 'available' && state !== undefined && personSaidAvailable) return undefined
  return isBlocked && usesBlocked ? 'blocked' : 'available'
}

/** A table without a status column gets one when its first task is settled, not for a claim; a list item has room. */
function isShowable({ task }: TaskView, word: StatusWord): boolean {
  if (word === 'claimed' && task.showsClaims === true) return true
  return task.statusText !== '' || (word !== 'claimed' && word !== 'available' && word !== 'blocked')
}

/** The ref still holds a value that an earlier fold recorded as over. */
function isVoid({ claim, state }: TaskView): boolean {
  return claim !== undefined && state?.void === claim.oid
}

/** Key of the claim that this row took over when it was renamed or moved, until that claim's ref is gone. */
function takenOver({ task, claim }: TaskView): TaskState['from'] {
  return claim === undefined || claim.key === task.key ? undefined : claim.key
}

/** Does the state have to say something new although the text stays? */
function needsRecord(view: TaskView): boolean {
  const { task, judgement, state } = view
  const shown = state?.shown ?? 'available'
  const { standing, said } = judgement
  if (task.status !== 'unknown' && task.status !== shown) return true
  if (said !== undefined && state?.said?.status !== said) return true
  if (isShownForAnother(view)) return true
  if (takenOver(view) !== state?.from) return true
  return standing.kind === 'completed' && standing.claim !== undefined && state?.done?.seal !== standing.claim.oid
}

/** The state line after a fold that left `shown` in the text. */
export function nextState(plan: TaskPlan, shown: StatusWord, edit: PersonalEdit): TaskState {
  const { view, sweep } = plan
  const { task, judgement, state, claim } = view
  const { standing } = judgement
  const said = nextSaid(view, shown, edit)
  const voided = judgement.voids ? claim?.oid : said !== undefined || isVoid(view) ? state?.void : undefined
  const shownClaim = shownClaimOf(view, shown)
  const done = doneOf(view, edit)
  const from = takenOver(view)
  return {
    key: task.key,
    shown,
    grants: Math.max(state?.grants ?? 0, sweep?.epoch ?? 0),
    failures: Math.max(state?.failures ?? 0, sweep?.failures ?? 0),
    ...(shownClaim === undefined ? {} : { claim: shownClaim }),
    ...(said === undefined ? {} : { said }),
    ...(voided === undefined ? {} : { void: voided }),
    ...(from === undefined ? {} : { from }),
    ...(done === undefined ? {} : { done, title: task.title }),
    ...(standing.kind === 'held' ? { title: task.title } : {}),
    ...(state?.account === undefined ? {} : { account: state.account }),
  }
}

function nextSaid({ judgement, state, task }: TaskView, shown: StatusWord, edit: PersonalEdit): TaskState['said'] {
  const before = state?.shown ?? 'available'
  if (judgement.said !== undefined)
    return state?.said?.status === judgement.said && task.status === before
      ? state.said
      : { status: judgement.said, commit: edit.commit }
  const typedAvailable = task.status === 'available' && shown === 'available'
  if (!typedAvailable) return undefined
  return before === 'available' ? state?.said : { status: 'available', commit: edit.commit }
}

function shownClaimOf({ judgement: { standing }, claim, state }: TaskView, shown: StatusWord): ObjectId | undefined {
  if (shown === 'claimed' && standing.kind === 'held') return standing.claim.oid
  if (shown === 'done' || shown === 'review') return claim?.oid ?? state?.claim
  return undefined
}

/** By name: an event may carry more than this version knows, and the state has room for no more. */
function evidenceOf({ event, cost }: ClaimRecord): Evidence & Pick<DoneRecord, 'costUsd'> {
  const { branch, commit, reference, note } = event.data.evidence ?? {}
  return {
    ...(branch === undefined ? {} : { branch: clip(branch, 300) }),
    ...(commit === undefined ? {} : { commit }),
    ...(reference === undefined ? {} : { reference: clip(reference, 1000) }),
    ...(note === undefined ? {} : { note: clip(note, 500) }),
    ...(cost?.usd === undefined ? {} : { costUsd: cost.usd }),
  }
}

function doneOf({ judgement: { standing }, state }: TaskView, edit: PersonalEdit): DoneRecord | undefined {
  if (standing.kind === 'completed') {
    const { claim } = standing
    if (claim === undefined) return state?.done
    return { ...evidenceOf(claim), by: claim.session, at: claim.at, seal: claim.oid }
  }
  if (standing.kind === 'settled-by-person')
    return state?.done ?? { by: 'person', at: edit.at, name: clip(edit.name, 200) }
  return undefined
}
