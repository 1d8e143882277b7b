/**
 * One try at a link that may be believed: connect, list, and judge whether this is still the server of the epoch.
 *
 *     connect → list → the same server? the link is the caller's : the mode is moved to draining, and the link closed
 *
 * It leaves no link open but the one that it answers. What a person must mend, and a git that is silent at this moment,
 * is the reason why there is no link: whoever goes on without one tries again, and its sessions keep what they hold by
 * time. Only a fault of ours ends the caller.
 */
import type { Moment } from '../../claim/index.ts'
import { drain, fastEpoch, judgeServer } from '../../fast/index.ts'
import { IfBoardError } from '../../model/index.ts'
import type { FastLink, FastListing } from '../../ports/index.ts'
import type { EngineTools, GitSight } from './engine-tools.ts'

export type Linking =
  | { readonly kind: 'linked'; readonly link: FastLink; readonly listing: FastListing; readonly since: Moment }
  | { readonly kind: 'not-linked'; readonly reason: string }

/** @param known  highest revision that was seen in this epoch; 0: none */
export async function linkUp(tools: EngineTools, sight: GitSight, known: number): Promise<Linking> {
  const { path, boardId, clock } = tools
  const { record } = sight
  try {
    const reached = await path.connect({ board: boardId, epoch: fastEpoch(record), nonce: record.nonce })
    if (reached.kind === 'unreached') return { kind: 'not-linked', reason: reached.reason }
    const { link } = reached
    const since = clock.now()
    const listing = await believed(tools, { sight, link, known }).catch(async (error) => {
      await link.close()
      throw error
    })
    if (typeof listing !== 'string') return { kind: 'linked', link, listing, since }
    await link.close()
    return { kind: 'not-linked', reason: listing }
  } catch (error) {
    return { kind: 'not-linked', reason: wordsOf(error) }
  }
}

interface Reached {
  readonly sight: GitSight
  readonly link: FastLink
  readonly known: number
}

/** What the server of this epoch holds; or why it is not believed, in words. */
async function believed(tools: EngineTools, { sight, link, known }: Reached): Promise<FastListing | string> {
  const { record } = sight
  const listing = await link.list()
  if (listing.kind !== 'listed') return listing.reason
  const server = judgeServer(listing, record.nonce, known)
  if (server === 'same') return listing
  const reason = `etcd was ${server} since this epoch began`
  if (record.mode !== 'etcd') return reason
  return tools.moveMode(sight, drain(record, 'trouble')).then(
    () => reason,
    (error) => `${reason}, and git was not told: ${wordsOf(error)}`,
  )
}

/** @throws what is no `IfBoardError` */
export function wordsOf(error: unknown): string {
  if (error instanceof IfBoardError) return `${error.message} [${error.code}]`
  throw error
}
