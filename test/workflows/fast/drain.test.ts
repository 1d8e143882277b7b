/** A board is drained in etcd while projectors are killed: each task is done once, on the board and in the log. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { IfBoardError, type SessionName, toSessionName } from '../../../src/model/index.ts'
import { read } from '../../../src/workflows/read.ts'
import { ask, done } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { eventually, ownBoard, type Station, startStation } from '../../support/etcd-fleet.ts'
import { boardOf, type Clone, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { entriesOf } from '../../support/sealed-entries.ts'
import { switchTo } from '../../support/switching.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

const test = suite<{ server: EtcdServer }>('a drained board')
const noEtcd = whyNoEtcd()
const isFull = process.env.IF_BOARD_TEST === 'full'
const TASKS = isFull ? 200 : 24
/** A watcher that is killed costs up to its lease, 6 s, until another one folds. */
const KILLED_EVERY_MS = 15_000
const PATIENCE_MS = isFull ? 600_000 : 150_000
const sessions = names(8)
/** Every fifth task waits for the one before it. */
const rows = Array.from({ length: TASKS }, (_, at) => {
  const waits = at % 5 === 4 ? `T${at}` : 'None'
  return [`T${at + 1}`, 'AVAILABLE', waits] as const
})

/** Takes and completes until the board is done; what cannot be asked now is asked again, as a person would. */
async function work(station: () => Station, session: SessionName, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    try {
      const got = await ask(station().clone, session)
      const id = /^(?:granted|held) (.+)$/.exec(got)?.[1]
      if (id === undefined) await sleep(300)
      else await done(station().clone, session, id)
    } catch (error) {
      if (!(error instanceof IfBoardError)) throw error
      await sleep(300)
    }
  }
}

async function drain(server: EtcdServer, a: Clone, b: Clone): Promise<void> {
  await switchTo(a, 'etcd', { path: server.path, leaseMs: 6000 })
  const open = (clone: Clone, name: string) => startStation(clone, { path: server.path, folder: toSessionName(name) })
  const stations = [open(a, 'watcher-a'), open(b, 'watcher-b')]
  let isOver = false
  const troubles: string[] = []
  const workers = sessions.map((session, at) =>
    work(
      () => stations[at % 2] as Station,
      session,
      () => isOver,
    ),
  )
  /** One watcher after the other is killed, with its projector and what its sessions held, and begins anew. */
  const killing = (async () => {
    for (let at = 0; !isOver; at += 1) {
      await eventually(() => isOver, KILLED_EVERY_MS)
      if (isOver) return
      const old = stations[at % 2] as Station
      await old.kill()
      troubles.push(...old.troubles)
      stations[at % 2] = at % 2 === 0 ? open(a, 'watcher-a') : open(b, 'watcher-b')
    }
  })()
  const allDone = async () => {
    const { snapshot } = await read(a.box)
    return [...snapshot.views.values()].every(({ status }) => status === 'done')
  }
  const finished = await eventually(allDone, PATIENCE_MS)
  isOver = true
  await Promise.all([...workers, killing])
  const turns = stations.flatMap(({ turns }) => turns.slice(-3).map((turn) => turn.kind))
  await Promise.all(stations.map((station) => station.kill()))
  troubles.push(...stations.flatMap((station) => station.troubles))
  assert.ok(finished, `not all done; ${turns} ${troubles}`)
  assert.equal(troubles, [])
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no board is drained`)
  test.skip('a drain on a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test(`8 sessions do ${TASKS} tasks, each once, while their watchers are killed`, ({ server }) =>
    on({ kind: 'remote', board: boardOf(...rows), config: ownBoard() }, async (_fleet, a, b) => {
      await drain(server, a as Clone, b as Clone)
      const completed = (await entriesOf(b as Clone)).filter(({ type }) => type === 'if-board.complete')
      assert.is(completed.length, TASKS, 'completions in the log')
      assert.is(new Set(completed.map(({ subject }) => subject)).size, TASKS)
      assert.equal(codesOf(await verifyAfresh({ clones: [a as Clone, b as Clone] }, 'full')), [])
    }))
}

test.run()
