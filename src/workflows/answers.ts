/**
 * What every shell answers, as the JSON of the contract: one shape for `--json` and for MCP, whose schemas are in
 * `mcp/schemas.ts`. Fields may be added, never changed. Pure.
 */
import { type BoardName, IfBoardError, printable, splitTaskKey, type TaskKey } from '../model/index.ts'
import type { BudgetCard, FinishOutcome, NextOutcome, Refused, TaskCard } from './outcomes.ts'
import type { StatusView } from './views-status.ts'

export const SCHEMA = 'if-board/v1'

/** `next` and `claim`. */
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
        why: { reasons: card.why, score: card.score ?? null, passedOver: card.passedOver },
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
        ...(card.budget === undefined ? {} : { budget: budgetJson(card.budget) }),
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

/** Amounts of both units, and what is left in the one that its cap is in. */
function budgetJson({ reserve, scope, name, unit, left, cap }: BudgetCard) {
  const shown = (amount: number) => (unit === 'microUsd' ? amount / 1_000_000 : amount)
  const reserved = { usd: reserve.microUsd / 1_000_000, tokens: reserve.tokens }
  return { reserved, scope, name, unit: unit === 'microUsd' ? 'usd' : unit, left: shown(left), cap: shown(cap) }
}

function taskJson({ task }: TaskCard) {
  return {
    id: task.id,
    board: task.board,
    title: task.title,
    filler: task.filler,
    description: task.description ?? null,
    acceptance: task.acceptance,
    check: task.check ?? null,
    run: task.run ?? null,
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
        unblocked: outcome.unblocked.map((key) => splitTaskKey(key).id),
        ...(outcome.by === undefined ? {} : { by: outcome.by }),
        ...(outcome.review ? { review: true } : {}),
        ...(outcome.help === undefined ? {} : { help: { ...keyJson(outcome.help.key), needs: outcome.help.needs } }),
        ...(outcome.noHelp === undefined ? {} : { noHelp: outcome.noHelp }),
      }
  }
}

function refusedJson({ rule, reason, hint, task, output }: Refused) {
  const refused = { rule, reason, ...(hint === undefined ? {} : { hint }), ...(output === undefined ? {} : { output }) }
  return { kind: 'refused', ...(task === undefined ? {} : { task: keyJson(task) }), refused }
}

function keyJson(key: TaskKey): { readonly id: string; readonly board: BoardName } {
  const { id, board } = splitTaskKey(key)
  return { id, board }
}

export function statusJson({ boards, totals, sessions, criticalPath, ...more }: StatusView) {
  return { kind: 'status', totals, sessions, criticalPath, boards, ...more }
}

export function errorJson({ code, message, hint, place }: IfBoardError) {
  return {
    kind: 'error',
    error: {
      code,
      message: printable(message, 2000),
      hint: hint === undefined ? null : printable(hint, 1000),
      place: place === undefined ? null : { file: place.file, line: place.line, column: place.column },
    },
  }
}

/** Whatever was thrown, as an error of ours: what is not one is a bug, and says so. */
export function asIfBoardError(error: unknown): IfBoardError {
  if (error instanceof IfBoardError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new IfBoardError('internal/bug', `something failed that should not: ${message}`, {
    hint: 'Ask again with --debug and report what it prints',
    cause: error,
  })
}
