/** `checkout`: a small clone of the coordination branch, where a person edits boards with any editor. */
import { IfBoardError } from '../model/index.ts'
import type { BoardCheckout, BroughtCheckout, CloneSetup } from '../ports/index.ts'
import { chooseAuthority } from './init-authority.ts'

export interface CheckoutTools {
  readonly clone: CloneSetup
  readonly checkouts: BoardCheckout
}

export interface CheckoutRequest {
  /** Relative to where the person stands; `undefined` = beside the work tree, `../<project>-board`. */
  readonly folder: string | undefined
}

export interface CheckoutReport extends BroughtCheckout {
  /** Where a plain `git push` there goes: a URL without credentials, or the path of the hub. */
  readonly pushesTo: string
}

/** Bring forward the checkout in which the person stands; `undefined` outside of one. */
export function checkoutHere({ checkouts }: CheckoutTools): Promise<CheckoutReport | undefined> {
  return checkouts.here()
}

/**
 * @throws IfBoardError `board/not-initialised`, `usage/invalid` (something else is there),
 *   `authority/unreachable`, `authority/changed`, `git/failed` (an edit stands in the way)
 */
export async function checkout(
  { clone, checkouts }: CheckoutTools,
  { folder }: CheckoutRequest,
): Promise<CheckoutReport> {
  const facts = await clone.facts()
  if (facts.binding?.boardId === undefined)
    throw new IfBoardError('board/not-initialised', 'this clone belongs to no board yet', { hint: 'if-board init' })
  const { binding, remote } = chooseAuthority(facts, { kind: 'default' })
  return { ...(await checkouts.bring(folder, binding)), pushesTo: remote?.shown ?? facts.hub }
}
