/**
 * Who holds a task: one rule from text, state and claim ref (the edit table).
 *
 * The text of a status cell is compared with `shown`, the word that the last fold left there.
 * Equal: refs decide, within what a person `said` before. Different: a person decided, and
 * the table below says what that does to the claim ref R. `target` is the word that a fold
 * leaves in the text; `said` and `voids` are what it records beside it.
 */
import type { ClaimRecord, StatusWord, TaskState } from '../model/index.ts'

export interface JudgeRequest {
  /** Status word in the board now. */
  readonly text: StatusWord
  readonly state: TaskState | undefined
  /** What the claim ref holds, or `undefined` when it does not exist. */
  readonly claim: ClaimRecord | undefined
  /** Of the mode record: a claim of an older epoch of it is void. */
  readonly since: number
  /** `merged`: a completion is in review until a base branch contains its commit. */
  readonly doneWhen: 'reported' | 'merged'
}

export type Standing =
  /** Free, as far as text and refs go; `last` is who gave it back. */
  | { readonly kind: 'open'; readonly last: ClaimRecord | undefined }
  | { readonly kind: 'held'; readonly claim: ClaimRecord }
  /** A person typed the word; no lease, never offered. */
  | { readonly kind: 'held-by-person' }
  | { readonly kind: 'review'; readonly claim: ClaimRecord }
  /** Completed by a session; `claim` is there until a fold has swept it. */
  | { readonly kind: 'completed'; readonly claim: ClaimRecord | undefined }
  | { readonly kind: 'settled-by-person' }
  | { readonly kind: 'cancelled' }
  /** Set aside by a person; a holder is told and may finish. */
  | { readonly kind: 'paused'; readonly holder: ClaimRecord | undefined }
  | { readonly kind: 'unknown'; readonly holder: ClaimRecord | undefined }

export interface Judgement {
  readonly standing: Standing
  /** The claim ended by a person's edit; its holder gets exit 4 with that person's name. */
  readonly revoked: ClaimRecord | undefined
  /** The word a fold leaves; `undefined` = computed from readiness (open), or left as it is (unknown). */
  readonly target: StatusWord | undefined
  /** The text is a person's decision that stands until the text changes again. */
  readonly said: StatusWord | undefined
  /** R's value must not count any more once this is folded. */
  readonly voids: boolean
  /** A text edit that had no effect, because the ref is newer than what the person saw. */
  readonly overruled: boolean
}

/** Judge one task. Pure; the edit table of the design, row by row, in `test/claim/judge.test.ts`. */
export function judge(request: JudgeRequest): Judgement {
  const judgement = judgeText(request)
  return isRemainder(request) ? { ...judgement, voids: true } : judgement
}

function judgeText(request: JudgeRequest): Judgement {
  const { text, state } = request
  const claim = effectiveClaim(request)
  const shown = state?.shown ?? 'available'
  if (text === 'unknown') return unknownText(claim, request)
  if (text === shown) return unchangedText(text, claim, request)
  return editedText(text, shown, claim, request)
}

/** What was given back is nobody's, whatever its epoch; who failed at it counts on. */
function isRemainder({ claim, since }: JudgeRequest): boolean {
  return claim?.kind === 'granted' && !countsInGit({ since }, claim)
}

/**
 * R without the values that no longer count: remainders of an older epoch, and what a person's edit made void.
 * A void value never comes back to life, whatever the person says next: no two operations are one object.
 */
function effectiveClaim(request: JudgeRequest): ClaimRecord | undefined {
  const { claim, state } = request
  if (claim === undefined || isRemainder(request)) return undefined
  return state?.void === claim.oid ? undefined : claim
}

function unchangedText(text: StatusWord, claim: ClaimRecord | undefined, request: JudgeRequest): Judgement {
  // What a person said is about the word that stands there; a state that contradicts its own `shown` says nothing.
  const said = request.state?.said?.status === text ? text : undefined
  // A completion that this `done` does not stand for: the task was reopened and done again.
  if (text === 'done' && said !== 'done' && claim?.kind === 'completed' && claim.oid !== request.state?.claim)
    return verdict({ kind: 'completed', claim }, { target: 'done' })
  if (text === 'done')
    return verdict(said === 'done' ? { kind: 'settled-by-person' } : { kind: 'completed', claim: undefined }, {
      target: 'done',
      said,
    })
  if (text === 'cancelled') return verdict({ kind: 'cancelled' }, { target: 'cancelled', said: 'cancelled' })
  if (said === 'claimed' || said === 'paused' || said === 'blocked' || said === 'review')
    return setAside(said, text, claim, request)
  return refsDecide(claim, request)
}

/** A person's `claimed`, `paused` or `blocked` stands; only a completion settles past it. */
function setAside(
  said: StatusWord,
  text: StatusWord,
  claim: ClaimRecord | undefined,
  request: JudgeRequest,
): Judgement {
  if (claim?.kind === 'completed') return refsDecide(claim, request)
  if (said === 'claimed') return verdict({ kind: 'held-by-person' }, { target: text, said })
  const holder = claim?.kind === 'granted' ? claim : undefined
  return verdict({ kind: 'paused', holder }, { target: text, said })
}

function editedText(
  text: StatusWord,
  shown: StatusWord,
  claim: ClaimRecord | undefined,
  request: JudgeRequest,
): Judgement {
  const isShownClaim = claim !== undefined && isShown(claim, request.state)
  switch (text) {
    case 'done':
      if (claim?.kind === 'completed') return verdict({ kind: 'completed', claim }, { target: 'done' })
      return verdict({ kind: 'settled-by-person' }, { target: 'done', said: 'done', voids: true })
    case 'cancelled':
      return verdict({ kind: 'cancelled' }, { target: 'cancelled', said: 'cancelled', voids: true })
    case 'available':
      return editedToAvailable(shown, claim, isShownClaim, request)
    case 'claimed':
      return editedToClaimed(shown, claim, isShownClaim, request)
    default: {
      // An old completion that no fold could sweep yet is not the one that "came first".
      const isOver = shown === 'done' && isShownClaim
      if (claim?.kind === 'completed' && !isOver) return refsDecide(claim, request)
      const holder = claim?.kind === 'granted' && !isOver ? claim : undefined
      return verdict({ kind: 'paused', holder }, { target: text, said: text, voids: isOver })
    }
  }
}

/** Does the word that the last fold left stand for this claim? Also for one that a switch carried since. */
function isShown({ oid, event }: ClaimRecord, state: TaskState | undefined): boolean {
  if (state?.claim === undefined) return false
  return state.claim === oid || (event.type === 'if-board.carried' && event.data.replaces === state.claim)
}

function editedToAvailable(
  shown: StatusWord,
  claim: ClaimRecord | undefined,
  isShownClaim: boolean,
  request: JudgeRequest,
): Judgement {
  if (shown === 'claimed' && claim?.kind === 'granted') {
    if (!isShownClaim) return { ...refsDecide(claim, request), overruled: true }
    return verdict({ kind: 'open', last: claim }, { said: 'available', voids: true, revoked: claim })
  }
  if (shown === 'done' && (claim === undefined || isShownClaim))
    return verdict({ kind: 'open', last: undefined }, { said: 'available', voids: true })
  return refsDecide(claim, request)
}

function editedToClaimed(
  shown: StatusWord,
  claim: ClaimRecord | undefined,
  isShownClaim: boolean,
  request: JudgeRequest,
): Judgement {
  const free = claim === undefined || claim.kind === 'returned' || (isShownClaim && shown !== 'review')
  if (free) return verdict({ kind: 'held-by-person' }, { target: 'claimed', said: 'claimed', voids: true })
  return { ...refsDecide(claim, request), overruled: claim.kind === 'granted' }
}

function unknownText(claim: ClaimRecord | undefined, request: JudgeRequest): Judgement {
  if (claim?.kind === 'completed') return refsDecide(claim, request)
  return verdict({ kind: 'unknown', holder: claim?.kind === 'granted' ? claim : undefined }, { target: 'unknown' })
}

function refsDecide(claim: ClaimRecord | undefined, { doneWhen }: JudgeRequest): Judgement {
  if (claim === undefined || claim.kind === 'returned') return verdict({ kind: 'open', last: claim }, {})
  if (claim.kind === 'granted') return verdict({ kind: 'held', claim }, { target: 'claimed' })
  const reviewed = doneWhen === 'reported' || claim.event.type === 'if-board.merged'
  if (!reviewed) return verdict({ kind: 'review', claim }, { target: 'review' })
  return verdict({ kind: 'completed', claim }, { target: 'done' })
}

type VerdictDetail = {
  readonly target?: StatusWord | undefined
  readonly said?: StatusWord | undefined
  readonly voids?: boolean
  readonly revoked?: ClaimRecord
}

function verdict(standing: Standing, { target, said, voids = false, revoked }: VerdictDetail): Judgement {
  return { standing, revoked, target, said, voids, overruled: false }
}

/** Is a claim ref's value of this mode epoch more than a remainder? A completion always is: it was a holder's. */
export function countsInGit(
  { since }: { readonly since: number },
  claim: Pick<ClaimRecord, 'kind' | 'modeEpoch'>,
): boolean {
  return claim.kind === 'completed' || claim.modeEpoch >= since
}

/** Does this standing satisfy the tasks that depend on it? A cancelled task satisfies nothing. */
export function isDone(standing: Standing): boolean {
  return standing.kind === 'completed' || standing.kind === 'settled-by-person'
}

/** May the claim ref go once a fold has recorded this standing? */
export function isSettled(standing: Standing): boolean {
  return isDone(standing) || standing.kind === 'cancelled'
}

/** Epoch of the next grant: one more than the larger of the ref's and the state's. */
export function nextEpoch(claim: ClaimRecord | undefined, state: TaskState | undefined): number {
  return 1 + Math.max(claim?.epoch ?? 0, state?.grants ?? 0)
}

/** Failures that the next event must carry on. */
export function failuresSoFar(claim: ClaimRecord | undefined, state: TaskState | undefined): number {
  return Math.max(claim?.failures ?? 0, state?.failures ?? 0)
}
