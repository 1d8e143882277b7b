/** What folds keep of the fast path: one line of JSON beside the other state, written by folds that read etcd alone. */
import { STATE_FOLDER } from '../../claim/index.ts'
import type { FastState } from '../../fast/projector.ts'
import { IfBoardError } from '../../model/index.ts'

export const FAST_STATE_FILE = `${STATE_FOLDER}/fast`

export const NOTHING_FOLDED: FastState = { closed: 0, folded: undefined }

export function renderFastState({ closed, folded }: FastState): string {
  const known = folded === undefined ? {} : { folded: { epoch: folded.epoch, revision: folded.revision } }
  return `${JSON.stringify({ closed, ...known })}\n`
}

/**
 * What is not understood is an error, as in all state: read as nothing, it would open an epoch again that was closed.
 *
 * @throws IfBoardError `state/invalid`
 */
export function parseFastState(text: string): FastState {
  const { closed, folded } = parseObject(text)
  if (!isCount(closed)) throw broken('`closed` is no count')
  if (folded === undefined) return { closed, folded }
  const { epoch, revision } = typeof folded === 'object' ? ((folded ?? {}) as Record<string, unknown>) : {}
  if (!isCount(epoch) || !isCount(revision)) throw broken('`folded` is no epoch with a revision')
  return { closed, folded: { epoch, revision } }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw broken('it is not JSON', cause)
  }
  throw broken('it is no object')
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function broken(what: string, cause?: unknown): IfBoardError {
  return new IfBoardError('state/invalid', `the state of the fast path cannot be read: ${what}`, {
    place: { file: FAST_STATE_FILE, line: 1, column: 1 },
    hint: 'State files are written by folds alone; revert the commit that changed this file by hand',
    cause,
  })
}
