/** `if-board watch` as people start it: one for each clone, killed at any moment. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { boardNow, boardOf, type Fleet, full, openFleet, seeded } from '../support/clones.ts'
import { killWatchers, startWatch, unlock } from './world.ts'

const withFleet = async (transport: 'local' | 'file', tasks: number, work: (fleet: Fleet) => Promise<void>) => {
  const fleet = await openFleet({ transport, size: 2, board: boardOf(tasks) })
  try {
    await work(fleet)
  } finally {
    await killWatchers()
    await fleet.close()
  }
}

for (const transport of ['local', 'file'] as const)
  test(`${transport}: what happens is told as JSON lines, and the board is written`, () =>
    withFleet(transport, 2, async (fleet) => {
      const [one, two] = fleet.members
      assert.ok(one !== undefined && two !== undefined)
      const watcher = startWatch(one)
      await watcher.until(({ event }) => event === 'started')
      await run(one, 'next')
      await watcher.until((event) => event.event === 'task' && event.to === 'claimed')
      const done = await run(one, 'done', '--json')
      assert.is(jsonOf(done).kind, 'completed', told(done))
      await watcher.until((event) => event.event === 'task' && event.to === 'done')
      if (transport === 'local') {
        await watcher.until(({ event }) => event === 'folded')
        assert.match(boardNow(fleet.box, fleet.authority), 'COMPLETED')
      }
      for (const event of watcher.events) assert.match(event.at, /^\d{4}-\d\d-\d\dT.*Z$/)
      assert.is(await watcher.stop(), 130)
    }))

test('a second watcher of a clone is refused, or stands by and takes over', () =>
  withFleet('local', 1, async ({ members: [one, two] }) => {
    assert.ok(one !== undefined && two !== undefined)
    const first = startWatch(one)
    await first.until(({ event }) => event === 'started')
    const refused = await run(two, 'watch', '--json')
    assert.is(refused.status, 1)
    assert.is(jsonOf(refused).error.code, 'watch/running')
    const second = startWatch(two, '--standby')
    await first.kill()
    await second.until(({ event }) => event === 'started')
    assert.is(await second.stop(), 130)
  }))

test('killed at any moment and started again, every task is done once and the board says so', () =>
  withFleet('file', full ? 12 : 4, async (fleet) => {
    const [one] = fleet.members
    assert.ok(one !== undefined)
    const random = seeded()
    let over = false
    const killing = (async () => {
      for (; !over; ) {
        const watcher = startWatch(one)
        await new Promise((resolve) => setTimeout(resolve, 200 + random() * 1_500))
        await watcher.kill()
      }
    })()
    const finished: string[] = []
    const answered = async (command: 'next' | 'done') => {
      for (;;) {
        const ran = await run(one, command, '--json')
        if (ran.status !== 7) return ran
        // The git that moved refs was killed with its watcher.
        await unlock(one, ran)
      }
    }
    for (;;) {
      const asked = await answered('next')
      if (asked.status === 3) break
      assert.is(asked.status, 0, told(asked))
      const done = await answered('done')
      assert.is(done.status, 0, told(done))
      finished.push(jsonOf(done).task.id)
    }
    over = true
    await killing
    const synced = await run(one, 'sync', '--json')
    assert.is(synced.status, 0, told(synced))
    assert.is(new Set(finished).size, finished.length)
    const board = boardNow(fleet.box, fleet.authority)
    assert.is(board.split('COMPLETED').length - 1, full ? 12 : 4, board)
  }))

test.run()
