/** What the lifecycle commands answered: JSON of the contract, and a line or two for people. Pure. */
import { type BoardName, printable, splitTaskKey, type TaskKey } from '../../model/index.ts'
import type { FinishOutcome, NextOutcome, TaskCard } from '../../workflows/outcomes.ts'
import { commandLine, idOf, plural } from './words.ts'

/** `next` and `claim`. Fields may be added, never changed. */
export function nextJson(outcome: NextOutcome) {
  switch (outcome.kind) {
    case 'granted':
    case 'held': {
      const { card } = outcome
      return {
        kind: outcome.kind,
        ...('peek' in outcome && outcome.peek ? { peek: true } : {}),
        task: taskJson(card),
        ...(card.claim === undefined ? {} : { claim: claimJson(card.claim) }),
        why: { reasons: card.why },
        dependencies: card.dependencies.map(({ id, key, title, by, evidence, inHead }) => ({
          id,
          board: splitTaskKey(key).board,
          title,
          by: by ?? null,
          branch: evidence.branch ?? null,
          commit: evidence.commit ?? null,
          note: evidence.note ?? null,
          reference: evidence.reference ?? null,
          inHead: inHead ?? null,
        })),
        predecessors: card.predecessors.map(({ session, what, reason }) => ({ session, what, reason: reason ?? null })),
        doNotTouch: card.doNotTouch,
        changes: card.changes,
        changed: card.changed,
        failures: card.failures,
        ...('alsoHeld' in outcome ? { alsoHeld: outcome.alsoHeld.map(keyJson) } : {}),
      }
    }
    case 'lost':
      return {
        kind: 'lost',
        task: keyJson(outcome.task),
        lost: { to: outcome.to ?? null, reason: outcome.reason },
      }
    case 'none': {
      const { reasons, retryAfterSeconds, wouldUnblock, finished } = outcome.none
      const openers = wouldUnblock.map(({ id, holder, unblocks }) => ({ id, holder: holder ?? null, unblocks }))
      return { kind: 'none', none: { reasons, retryAfterSeconds, wouldUnblock: openers, finished } }
    }
    case 'refused':
      return refusedJson(outcome)
  }
}

function taskJson({ task }: TaskCard) {
  return {
    id: task.id,
    board: task.board,
    title: task.title,
    filler: task.filler,
    description: task.description ?? null,
    acceptance: task.acceptance,
    deliverable: task.deliverable ?? null,
    estimateMinutes: task.estimateMinutes ?? null,
    priority: task.priority ?? null,
    section: task.section ?? null,
    model: task.model ?? null,
    line: task.place.line,
  }
}

function claimJson({ ref, oid, epoch, leaseSeconds, at }: NonNullable<TaskCard['claim']>) {
  return { ref, oid, epoch, leaseSeconds, at: new Date(at).toISOString() }
}

/** `done`, `fail`, `release`, `block` and their like. */
export function finishJson(outcome: FinishOutcome) {
  switch (outcome.kind) {
    case 'lost':
      return {
        kind: 'lost',
        task: keyJson(outcome.task),
        unblocked: [],
        lost: { to: outcome.to ?? null, reason: outcome.reason },
      }
    case 'refused':
      return { ...refusedJson(outcome), unblocked: [] }
    default:
      return {
        kind: outcome.kind,
        task: { ...keyJson(outcome.task), title: outcome.title },
        unblocked: outcome.unblocked.map(idOf),
        ...(outcome.by === undefined ? {} : { by: outcome.by }),
        ...(outcome.review ? { review: true } : {}),
      }
  }
}

function refusedJson({ rule, reason, task }: Extract<NextOutcome, { kind: 'refused' }>) {
  return { kind: 'refused', ...(task === undefined ? {} : { task: keyJson(task) }), refused: { rule, reason } }
}

function keyJson(key: TaskKey): { readonly id: string; readonly board: BoardName } {
  const { id, board } = splitTaskKey(key)
  return { id, board }
}

export function lostText({ task, reason }: { readonly task: TaskKey; readonly reason: string }): string {
  const id = printable(idOf(task), 128)
  return `LOST ${id}: ${printable(reason, 300)}.\nStop working on it. Something else: if-board next\n`
}

export function refusedText({ rule, reason }: { readonly rule: string; readonly reason: string }): string {
  return `REFUSED by the rule ${rule}: ${printable(reason, 300)}.\n`
}

const DID = {
  completed: 'is done',
  failed: 'failed and is open for another session',
  released: 'is given back',
  blocked: 'is blocked and given back',
  renewed: 'is renewed',
  noted: 'has your note',
} as const

export function finishText(outcome: FinishOutcome): string {
  if (outcome.kind === 'lost') return lostText(outcome)
  if (outcome.kind === 'refused') return refusedText(outcome)
  const name = `${printable(idOf(outcome.task), 128)} (${printable(outcome.title, 120)})`
  if (outcome.kind === 'already-settled')
    return `${name} was already settled by ${printable(outcome.by ?? 'somebody', 100)}; nothing changed.\n${NEXT}`
  const merged = outcome.review ? '; it counts once its commit reaches the base branch' : ''
  const { unblocked } = outcome
  const opened = unblocked.map(idOf).slice(0, 12).join(', ')
  const ready =
    unblocked.length === 0
      ? ''
      : `Now ready: ${printable(opened, 400)}${unblocked.length > 12 ? ` and ${unblocked.length - 12} more` : ''}\n`
  const next = outcome.kind === 'renewed' || outcome.kind === 'noted' ? '' : NEXT
  return `${name} ${DID[outcome.kind]}${merged}.\n${ready}${next}`
}

const NEXT = 'Go on: if-board next\n'

export function alsoHeldLine(keys: readonly TaskKey[]): string {
  const ids = keys.map(idOf)
  return `you also hold ${plural(ids.length, 'task')}: ${ids.join(', ')} (${commandLine('show', ids[0])})`
}
