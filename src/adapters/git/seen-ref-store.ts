/** The remote as the last fetch of this clone left it: for who waits beside a watcher that fetches. */
import { IfBoardError, invariant } from '../../model/index.ts'
import type { RefStore } from '../../ports/index.ts'
import { lastView, VIEW } from './fetch.ts'
import type { Hub } from './hub.ts'
import { parseRefs } from './refs.ts'

/** Reading it asks nobody; it is as old as that fetch, so it is no ground to move anything, and refuses to. */
export function seenRefStore(hub: Hub): RefStore {
  const list = async () => {
    const view = await lastView(hub)
    if (view !== undefined) return parseRefs(view, hub.binding, VIEW)
    throw new IfBoardError('authority/unreachable', 'nothing was fetched from the remote yet')
  }
  return {
    guards: false,
    list,
    peek: list,
    async moveAll(moves) {
      invariant(moves.length === 0, 'nothing is moved by what was seen')
      return { kind: 'moved' }
    },
  }
}
