/** Tests of commands that give up an etcd, for good, where it does not answer within seconds. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EtcdServer } from './etcd.ts'
import { linkTo, newSpace } from './fast-space.ts'

/** A command gives up a connection after 2 s and a call after 3 s, and has less of the machine than etcd may have. */
const STALLED_MS = 1000
const MAX_TRIES = 5

/**
 * What fails is tried again where etcd, asked all the while, once took so long that a command may have given it up:
 * that proves nothing. What fails beside an etcd that answers fails at once.
 */
export async function unlessStalled(server: EtcdServer, work: (tries: number) => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { error, slowestMs } = await askedMeanwhile(server, work(tries))
    if (error === undefined) return
    if (slowestMs < STALLED_MS || tries + 1 === MAX_TRIES) throw error
    console.log(`etcd took ${Math.round(slowestMs)} ms to answer, so once more: ${error}`)
  }
}

async function askedMeanwhile({ patient }: EtcdServer, work: Promise<void>) {
  let isOver = false
  const ended = work
    .then(
      () => undefined,
      (thrown: unknown) => thrown ?? new Error('something was thrown'),
    )
    .finally(() => {
      isOver = true
    })
  let slowestMs = 0
  while (!isOver) {
    const askedAt = performance.now()
    const link = await linkTo(patient, newSpace())
    await link.list()
    slowestMs = Math.max(slowestMs, performance.now() - askedAt)
    await link.close()
    await sleep(50)
  }
  return { error: await ended, slowestMs }
}
