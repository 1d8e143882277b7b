/** Spaces of a fast engine for tests: opened, armed, with leases and claims that must be had. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName, TaskKey } from '../../src/model/index.ts'
import type {
  FastChange,
  FastClaim,
  FastElected,
  FastHeld,
  FastLease,
  FastLink,
  FastListing,
  FastNews,
  FastPath,
  FastSpace,
} from '../../src/ports/index.ts'

/** Shortest lease that a server may be asked for and keep, in seconds. */
export const SHORT_LEASE = 2
export const BOARD_COMMIT = '1'.repeat(40) as ObjectId

export const nonce = (): string => randomBytes(12).toString('hex')
export const task = (id: string): TaskKey => `TASKS.md:${id}` as TaskKey
export const newSpace = (): FastSpace => ({ board: randomBytes(16).toString('hex'), epoch: 1, nonce: nonce() })
export const claimOf = (session: string, event = `{"of":"${session}"}`): FastClaim => ({
  session: session as SessionName,
  nonce: nonce(),
  event,
})

const PATIENCE_MS = 60_000

/** A link; where the server is busy with something else it is asked for again. */
export async function linkTo(path: FastPath, space: FastSpace): Promise<FastLink> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (;;) {
    const connected = await path.connect(space)
    if (connected.kind === 'linked') return connected.link
    if (performance.now() > giveUpAt) throw new Error(`no link: ${connected.reason}`)
    await sleep(200)
  }
}

export async function leaseOf(link: FastLink, seconds = 60): Promise<FastLease> {
  const leased = await link.claims.lease(seconds)
  if (leased.kind !== 'leased') throw new Error(`no lease: ${leased.reason}`)
  return leased.lease
}

/** An open, armed space with these tasks in `ready`. */
export async function openSpace(link: FastLink, tasks: readonly string[]): Promise<FastElected> {
  for (let at = 0; at < tasks.length; at += 32) {
    const entries = tasks
      .slice(at, at + 32)
      .map((id) => ({ kind: 'ready', task: task(id), about: `about ${id}` }) as const)
    assert.equal(await link.opening.fill(entries), { kind: 'filled' })
  }
  assert.is((await link.opening.open()).kind, 'opened')
  const elected = await electedOf(link)
  const armed = await link.projection.arm(elected, { tick: 1, board: BOARD_COMMIT, folded: 0 })
  assert.is(armed.kind, 'accepted')
  return elected
}

export async function electedOf(link: FastLink, seconds = 60, name = 'projector'): Promise<FastElected> {
  const answer = await link.projection.elect(await leaseOf(link, seconds), {
    name: name as SessionName,
    nonce: nonce(),
  })
  if (answer.kind !== 'elected') throw new Error(`not elected: ${answer.kind}`)
  return answer.elected
}

export async function listed(link: FastLink): Promise<FastListing> {
  const answer = await link.list()
  if (answer.kind !== 'listed') throw new Error(`no list: ${answer.reason}`)
  return answer
}

/** Claims one task, which must succeed. */
export async function claimed(link: FastLink, lease: FastLease, id: string, claim = claimOf('ada')): Promise<FastHeld> {
  const answer = await link.claims.claim(lease, [{ task: task(id), claim }])
  if (answer.kind !== 'claimed') throw new Error(`not claimed: ${answer.kind}`)
  return { task: task(id), claim, revision: answer.revision }
}

/** The first news that the test wants, with those before it. */
export async function newsUntil(
  news: AsyncIterable<FastNews>,
  isLast: (one: FastNews) => boolean,
): Promise<FastNews[]> {
  const seen: FastNews[] = []
  for await (const one of news) {
    seen.push(one)
    if (isLast(one)) break
  }
  return seen
}

export function changesOf(news: readonly FastNews[]): FastChange[] {
  return news.flatMap((one) => (one.kind === 'changed' ? one.changes : []))
}
