/** Looks at each member, and tries everything that claims need, below a board id that no board has. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSessionName, type ObjectId, type SessionName, type TaskKey } from '../../model/index.ts'
import type { FastExercise, FastHealth, FastMember } from '../../ports/fast-health.ts'
import type { FastClaim, FastLink, FastNews, FastPath, FastSpace } from '../../ports/fast-path.ts'
import { type Connection, connectTo, type Endpoint, type EtcdSettings } from './connection.ts'
import { etcdFastPath } from './index.ts'
import { spaceKeys } from './keys.ts'
import { METHODS } from './messages.ts'
import { readMetrics } from './metrics.ts'
import { unlessForPerson } from './trouble.ts'

/** The shortest that etcd keeps with the election timeout that it has by default (1 s). */
const LEASE_SECONDS = 2
const LEASE_PATIENCE_MS = 10_000
const OLD_REVISIONS = 1_000_000
const ROUNDS = 30
const LOOPBACK = /^(?:127\.|localhost:|\[::1\]:)/

type Unreached = { readonly kind: 'unreached'; readonly reason: string }

export function etcdHealth(settings: EtcdSettings): FastHealth {
  return {
    members: () => Promise.all(settings.endpoints.map((endpoint) => lookAt(endpoint, settings))),
    exercise: () => exercise(settings),
  }
}

async function lookAt(endpoint: Endpoint, settings: EtcdSettings): Promise<FastMember> {
  const { address } = endpoint
  const connected = await connectTo(endpoint, settings)
  if (connected.kind !== 'answered') return { kind: 'unreached', endpoint: address, reason: connected.reason }
  const connection = connected.answer
  try {
    const [status, alarms, members, metrics] = await Promise.all([
      connection.call(METHODS.status, {}),
      connection.call(METHODS.alarm, {}),
      connection.call(METHODS.memberList, {}),
      readMetrics(endpoint, settings),
    ])
    if (status.kind !== 'answered') return { kind: 'unreached', endpoint: address, reason: status.reason }
    const { version, dbSize, dbSizeInUse, dbSizeQuota, header, leader } = status.answer
    const revision = header?.revision ?? 0
    return {
      kind: 'reached',
      endpoint: address,
      isSecure: endpoint.isSecure,
      isLoopback: LOOPBACK.test(address),
      version,
      cluster: BigInt.asUintN(64, header?.clusterId ?? 0n).toString(16),
      hasLeader: leader !== 0n,
      members: members.kind === 'answered' ? members.answer.members.length : undefined,
      alarms: alarms.kind === 'answered' ? alarms.answer.alarms.map(({ alarm }) => ALARMS[alarm] ?? 'unknown') : [],
      database: { bytes: dbSize, usedBytes: dbSizeInUse, quotaBytes: dbSizeQuota || metrics.quotaBytes },
      revision,
      keepsOldHistory: await keepsOldHistory(connection, revision),
      walSync: metrics.walSync,
    }
  } finally {
    connection.end('it was looked at')
  }
}

/** `AlarmType` of rpc.proto. */
const ALARMS: Readonly<Record<number, 'no space' | 'corrupt'>> = { 1: 'no space', 2: 'corrupt' }

/** etcd has no call that tells how it compacts; what it still knows does. */
async function keepsOldHistory(connection: Connection, now: number): Promise<boolean | undefined> {
  if (now <= OLD_REVISIONS) return undefined
  const key = Buffer.from('/ifb/')
  const read = await connection.call(METHODS.range, { key, revision: now - OLD_REVISIONS, countOnly: true })
  if (read.kind === 'answered') return true
  return read.kind === 'refused' && read.reason.includes('compacted') ? false : undefined
}

async function exercise(settings: EtcdSettings): Promise<FastExercise | Unreached> {
  const path = etcdFastPath(settings)
  const space: FastSpace = { board: randomBytes(16).toString('hex'), epoch: 1, nonce: nonce() }
  const links: FastLink[] = []
  const link = async () => {
    const connected = await path.connect(space)
    if (connected.kind === 'unreached') throw new NoAnswer(connected.reason)
    links.push(connected.link)
    return connected.link
  }
  try {
    const [claimer, watcher] = [await link(), await link()]
    await prepare(claimer)
    const { claimMs, watchMs } = await race(claimer, watcher)
    const isExclusive = await isRefused(claimer, path, space)
    const leaseEndedAfterMs = await leaseEnd(claimer)
    return { kind: 'exercised', isExclusive, claimMs, watchMs, leaseSeconds: LEASE_SECONDS, leaseEndedAfterMs }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { kind: 'unreached', reason: error.message }
  } finally {
    await Promise.all(links.map((each) => each.close()))
    await removeAll(settings, space)
  }
}

/** An answer that the exercise cannot go on without did not come. */
class NoAnswer extends Error {}

type Answer = { readonly kind: string; readonly reason?: string }
function must<A extends Answer, K extends A['kind']>(answer: A, kind: K): Extract<A, { kind: K }> {
  if (answer.kind !== kind) throw new NoAnswer(answer.reason ?? `expected ${kind}, found ${answer.kind}`)
  return answer as Extract<A, { kind: K }>
}

const nonce = (): string => randomBytes(16).toString('hex')
const task = (name: string): TaskKey => `probe.md:${name}` as TaskKey
const newClaim = (): FastClaim => ({ session: sessionName('probe'), nonce: nonce(), event: '{}' })

function sessionName(text: string): SessionName {
  if (!isSessionName(text)) throw new TypeError('a name of a session')
  return text
}

const names = Array.from({ length: ROUNDS }, (_, at) => `T${at}`)

async function prepare(link: FastLink): Promise<void> {
  const entries = [...names, 'twice', 'lease'].map((name) => ({ kind: 'ready', task: task(name), about: '' }) as const)
  must(await link.opening.fill(entries.slice(0, 32)), 'filled')
  must(await link.opening.open(), 'opened')
  const { lease } = must(await link.claims.lease(60), 'leased')
  const { elected } = must(
    await link.projection.elect(lease, { name: sessionName('probe'), nonce: nonce() }),
    'elected',
  )
  const board = '0'.repeat(40) as ObjectId
  must(await link.projection.arm(elected, { tick: 1, board, folded: 0 }), 'accepted')
}

/** One claim after the other, each seen by another connection before the next. */
async function race(claimer: FastLink, watcher: FastLink): Promise<{ claimMs: number[]; watchMs: number[] }> {
  const { revision } = must(await watcher.list(), 'listed')
  const { lease } = must(await claimer.claims.lease(60), 'leased')
  const claimMs: number[] = []
  const watchMs: number[] = []
  const news = watcher.watch(revision)[Symbol.asyncIterator]()
  try {
    for (const name of names) {
      const sentAt = performance.now()
      const seen = untilClaimed(news, name).then(() => watchMs.push(performance.now() - sentAt))
      // Where the claim fails, nobody waits for its news.
      seen.catch(() => undefined)
      must(await claimer.claims.claim(lease, [{ task: task(name), claim: newClaim() }]), 'claimed')
      claimMs.push(performance.now() - sentAt)
      await Promise.race([seen, sleep(5000, undefined, { ref: false })])
    }
  } finally {
    // Ends with its link: a generator that waits for news cannot be told to return.
    await watcher.close()
  }
  return { claimMs, watchMs }
}

async function untilClaimed(news: AsyncIterator<FastNews>, name: string): Promise<void> {
  for (;;) {
    const { value, done } = await news.next()
    if (done === true || value.kind === 'broken') throw new NoAnswer('the watch ended')
    const changes = value.kind === 'changed' ? value.changes : []
    if (changes.some((change) => change.key === 'claim' && change.task === task(name))) return
  }
}

async function isRefused(link: FastLink, path: FastPath, space: FastSpace): Promise<boolean> {
  const { lease } = must(await link.claims.lease(60), 'leased')
  const wishes = [{ task: task('twice'), claim: newClaim() }]
  must(await link.claims.claim(lease, wishes), 'claimed')
  const second = await link.claims.claim(lease, [{ task: task('twice'), claim: newClaim() }])
  const connected = await path.connect({ ...space, nonce: nonce() })
  if (connected.kind === 'unreached') throw new NoAnswer(connected.reason)
  const foreign = await connected.link.claims.claim(lease, [{ task: task('lease'), claim: newClaim() }])
  await connected.link.close()
  return second.kind === 'taken' && foreign.kind === 'closed'
}

async function leaseEnd(link: FastLink): Promise<number | undefined> {
  const sentAt = performance.now()
  const { lease } = must(await link.claims.lease(LEASE_SECONDS), 'leased')
  must(await link.claims.claim(lease, [{ task: task('lease'), claim: newClaim() }]), 'claimed')
  while (performance.now() - sentAt < LEASE_PATIENCE_MS) {
    await sleep(100)
    if (!must(await link.list(), 'listed').claims.has(task('lease'))) return performance.now() - sentAt
  }
  return undefined
}

async function removeAll(settings: EtcdSettings, space: FastSpace): Promise<void> {
  const { first: key, end: rangeEnd } = spaceKeys(space)
  for (const endpoint of settings.endpoints) {
    const connected = await connectTo(endpoint, settings)
    if (connected.kind !== 'answered') continue
    const removed = await connected.answer.call(METHODS.deleteRange, { key, rangeEnd })
    connected.answer.end('it was asked')
    if (removed.kind === 'refused') unlessForPerson(removed)
    if (removed.kind === 'answered') return
  }
}
