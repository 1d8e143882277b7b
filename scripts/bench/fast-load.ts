/**
 * One process that loads an etcd, or watches what another one does there. Its job comes as JSON in its first argument;
 * what it found goes to its parent. Times are those of CLOCK_MONOTONIC (`hrtime`), which processes of a machine share.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Connection, connectTo } from '../../src/adapters/etcd/connection.ts'
import { etcdFastPath } from '../../src/adapters/etcd/index.ts'
import { METHODS, STREAMS } from '../../src/adapters/etcd/messages.ts'
import type { ObjectId, SessionName, TaskKey } from '../../src/model/index.ts'
import type { FastLease, FastLink, FastPath, FastSpace, FastWish } from '../../src/ports/index.ts'

type Job = { readonly address: string } & (
  | { readonly kind: 'open'; readonly space: FastSpace; readonly tasks: number }
  | {
      readonly kind: 'claim'
      readonly space: FastSpace
      readonly from: number
      readonly rate: Rate
      readonly leases: number
    }
  | { readonly kind: 'put'; readonly prefix: string; readonly rate: Rate }
  | { readonly kind: 'read'; readonly key: string; readonly rate: Rate }
  | { readonly kind: 'watch'; readonly space: FastSpace }
  | { readonly kind: 'watch keys'; readonly prefix: string }
  | {
      readonly kind: 'drain'
      readonly space: FastSpace
      readonly from: number
      readonly tasks: number
      readonly sessions: number
      readonly batch: number
    }
  | { readonly kind: 'put loop'; readonly prefix: string; readonly puts: number; readonly sessions: number }
  | { readonly kind: 'count'; readonly space: FastSpace }
)

/** What the first `warmUp` seconds bring is not counted: a process that has just begun is slow for a moment. */
interface Rate {
  readonly perSecond: number
  readonly warmUp: number
  readonly seconds: number
}

/** Of one process, as a machine has them: the one of its watcher, which all its sessions share. */
const LINKS = 1
/** Long, so that what is measured is claims; each lease is renewed every third of it. */
const LEASE_SECONDS = 60
const job: Job = JSON.parse(process.argv[2] ?? '{}')
const now = (): number => Number(process.hrtime.bigint()) / 1e6
const settings = { endpoints: [{ address: job.address, isSecure: false }], callMs: 60_000 }
const path: FastPath = etcdFastPath(settings)
const task = (at: number): TaskKey => `TASKS.md:T${at}` as TaskKey
const wish = (at: number): FastWish => ({
  task: task(at),
  claim: { session: 'session-1' as SessionName, nonce: randomUUID(), event: EVENT },
})
/** As long as a signed event is. */
const EVENT = JSON.stringify({ event: 'x'.repeat(700) })

async function link(space: FastSpace): Promise<FastLink> {
  const connected = await path.connect(space)
  if (connected.kind !== 'linked') throw new Error(connected.reason)
  return connected.link
}

async function connection(): Promise<Connection> {
  const connected = await connectTo(settings.endpoints[0] as (typeof settings.endpoints)[0], settings)
  if (connected.kind !== 'answered') throw new Error(connected.reason)
  return connected.answer
}

function must<A extends { readonly kind: string; readonly reason?: string }, K extends A['kind']>(answer: A, kind: K) {
  if (answer.kind !== kind) throw new Error(`expected ${kind}, found ${answer.kind} ${answer.reason ?? ''}`)
  return answer as Extract<A, { kind: K }>
}

async function open(space: FastSpace, tasks: number): Promise<void> {
  const one = await link(space)
  const starts = Array.from({ length: Math.ceil(tasks / 32) }, (_, at) => at * 32)
  await shared(starts, 16, async (start) => {
    const size = Math.min(32, tasks - start)
    const entries = Array.from(
      { length: size },
      (_, at) => ({ kind: 'ready', task: task(start + at), about: 'x' }) as const,
    )
    must(await one.opening.fill(entries), 'filled')
  })
  must(await one.opening.open(), 'opened')
  const { lease } = must(await one.claims.lease(3600), 'leased')
  const who = { name: 'projector' as SessionName, nonce: randomUUID() }
  const { elected } = must(await one.projection.elect(lease, who), 'elected')
  must(await one.projection.arm(elected, { tick: 1, board: '0'.repeat(40) as ObjectId, folded: 0 }), 'accepted')
  await one.close()
}

/** So many at once, each takes the next. */
async function shared<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++] as T)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/**
 * Says when each act is due, in a thread of its own that sleeps between them: timers of Node come up to a millisecond late,
 * and a loop that asks for the time takes a processor from what is measured.
 */
const PACER = `
  const { parentPort, workerData: { startAt, gapMs, count } } = require('node:worker_threads')
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (let at = 0; at < count; at += 1) {
    const left = startAt + at * gapMs - Number(process.hrtime.bigint()) / 1e6
    if (left > 0) Atomics.wait(never, 0, 0, left)
    parentPort.postMessage(at)
  }
`

/** At moments that were set before, however late the answers are: what waits is not left out. */
async function openLoop<Act>({ perSecond, warmUp, seconds }: Rate, act: (at: number, due: number) => Promise<Act>) {
  const sent: [Act, number][] = []
  const acts: Promise<void>[] = []
  const count = perSecond * (warmUp + seconds)
  const startAt = now() + 200
  const pacer = new Worker(PACER, { eval: true, workerData: { startAt, gapMs: 1000 / perSecond, count } })
  pacer.on('message', (at: number) => {
    const counts = at >= perSecond * warmUp
    const due = startAt + (at * 1000) / perSecond
    acts.push(act(at, due).then((done) => void (counts && sent.push([done, due]))))
  })
  await once(pacer, 'exit')
  await Promise.all(acts)
  return { sent }
}

async function claimAtRate({ space, from, rate, leases: count }: Extract<Job, { kind: 'claim' }>) {
  const links = await Promise.all(Array.from({ length: LINKS }, () => link(space)))
  const on = (at: number) => links[at % LINKS] as FastLink
  const leases: FastLease[] = []
  await shared(
    Array.from({ length: count }, (_, at) => at),
    64,
    async (at) => {
      leases[at] = must(await on(at).claims.lease(LEASE_SECONDS), 'leased').lease
    },
  )
  let renewed = 0
  const renewing = setInterval(
    () => {
      const at = renewed++ % count
      void on(at).claims.keepAlive(leases[at] as FastLease, [])
    },
    (LEASE_SECONDS * 1000) / 3 / count,
  )
  const found = await openLoop(rate, async (at) => {
    const lease = at % count
    must(await on(lease).claims.claim(leases[lease] as FastLease, [wish(from + at)]), 'claimed')
    return task(from + at)
  })
  clearInterval(renewing)
  await Promise.all(links.map((one) => one.close()))
  return found
}

async function putAtRate({ prefix, rate }: Extract<Job, { kind: 'put' }>) {
  const connections = await Promise.all(Array.from({ length: LINKS }, connection))
  const found = await openLoop(rate, async (at) => {
    const key = `${prefix}${at}`
    const value = Buffer.from(EVENT)
    must(await (connections[at % LINKS] as Connection).call(METHODS.put, { key: Buffer.from(key), value }), 'answered')
    return key
  })
  for (const one of connections) one.end('done')
  return found
}

/** What a call takes that needs no disk: from when it was due to its answer, milliseconds. */
async function readAtRate({ key, rate }: Extract<Job, { kind: 'read' }>) {
  const one = await connection()
  const { sent } = await openLoop(rate, async (_, due) => {
    must(await one.call(METHODS.range, { key: Buffer.from(key) }), 'answered')
    return now() - due
  })
  one.end('done')
  return { took: sent.map(([ms]) => ms) }
}

/** Until its parent says that it was enough. */
async function watch(space: FastSpace) {
  const one = await link(space)
  const { revision } = must(await one.list(), 'listed')
  const seen: [string, number][] = []
  const watching = (async () => {
    for await (const news of one.watch(revision)) {
      const at = now()
      if (news.kind !== 'changed') continue
      for (const change of news.changes) if (change.key === 'claim' && change.value) seen.push([change.task, at])
    }
  })()
  await toldToStop()
  await one.close()
  await watching
  return { seen }
}

async function watchKeys(prefix: string) {
  const one = await connection()
  const stream = one.open(STREAMS.watch)
  if ('kind' in stream) throw new Error(stream.reason)
  const seen: [string, number][] = []
  stream.on('data', ({ events }) => {
    const at = now()
    for (const { kv } of events) if (kv) seen.push([Buffer.from(kv.key).toString(), at])
  })
  stream.on('error', () => undefined)
  stream.write({ create: { key: Buffer.from(prefix), rangeEnd: Buffer.from(`${prefix}~`), startRevision: 0 } })
  await toldToStop()
  one.end('done')
  return { seen }
}

function toldToStop(): Promise<void> {
  process.send?.({ ready: true })
  return new Promise((resolve) => process.once('message', () => resolve()))
}

/** Every session claims and completes its share of the tasks, one batch after the other. */
async function drain({ space, from, tasks, sessions, batch }: Extract<Job, { kind: 'drain' }>) {
  const links = await Promise.all(Array.from({ length: LINKS }, () => link(space)))
  const share = tasks / sessions
  const leases: FastLease[] = []
  const all = Array.from({ length: sessions }, (_, at) => at)
  await shared(all, 64, async (at) => {
    leases[at] = must(await (links[at % LINKS] as FastLink).claims.lease(600), 'leased').lease
  })
  process.send?.({ ready: true })
  await new Promise<void>((resolve) => process.once('message', () => resolve()))
  const startedAt = now()
  let claimedAt = startedAt
  await Promise.all(
    all.map(async (session) => {
      const one = links[session % LINKS] as FastLink
      const lease = leases[session] as FastLease
      for (let done = 0; done < share; done += batch) {
        const size = Math.min(batch, share - done)
        const wishes = Array.from({ length: size }, (_, at) => wish(from + session * share + done + at))
        const { revision } = must(await one.claims.claim(lease, wishes), 'claimed')
        claimedAt = now()
        must(await one.claims.done(wishes.map((held) => ({ ...held, revision, completion: EVENT }))), 'accepted')
      }
    }),
  )
  const report = { startedAt, claimedAt, endedAt: now() }
  await Promise.all(links.map((one) => one.close()))
  return report
}

async function putLoop({ prefix, puts, sessions }: Extract<Job, { kind: 'put loop' }>) {
  const connections = await Promise.all(Array.from({ length: LINKS }, connection))
  process.send?.({ ready: true })
  await new Promise<void>((resolve) => process.once('message', () => resolve()))
  const startedAt = now()
  const value = Buffer.from(EVENT)
  await shared(
    Array.from({ length: puts }, (_, at) => at),
    sessions,
    async (at) => {
      const one = connections[at % LINKS] as Connection
      must(await one.call(METHODS.put, { key: Buffer.from(`${prefix}${at}`), value }), 'answered')
    },
  )
  const report = { startedAt, endedAt: now() }
  for (const one of connections) one.end('done')
  return report
}

async function countAll(space: FastSpace) {
  const one = await link(space)
  const { ready, claims, done, unreadable } = must(await one.list(), 'listed')
  await one.close()
  return { ready: ready.size, claims: claims.size, done: done.size, unreadable }
}

async function work(): Promise<object> {
  switch (job.kind) {
    case 'open':
      return open(job.space, job.tasks).then(() => ({}))
    case 'claim':
      return claimAtRate(job)
    case 'put':
      return putAtRate(job)
    case 'read':
      return readAtRate(job)
    case 'watch':
      return watch(job.space)
    case 'watch keys':
      return watchKeys(job.prefix)
    case 'drain':
      return drain(job)
    case 'put loop':
      return putLoop(job)
    case 'count':
      return countAll(job.space)
  }
}

const found = await work()
process.send?.({ found }, () => process.exit(0))
