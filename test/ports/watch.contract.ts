/** What every `Watch` promises, whatever stands behind it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Watch } from '../../src/ports/index.ts'

export interface WatchWorld {
  open(stop: AbortSignal): Promise<Watch>
  /** Change something that is watched, as another process would. */
  change(): Promise<void>
  close(): Promise<void>
}

/** Longer than any test waits for what does happen. */
const LONG_MS = 3_000
const SHORT_MS = 150

export function watchContract<T>(test: Test<T>, name: string, make: () => Promise<WatchWorld>): void {
  const held = (promise: string, body: (world: WatchWorld, watch: Watch, stop: AbortController) => Promise<void>) =>
    test(`${name}: ${promise}`, async () => {
      const world = await make()
      const stop = new AbortController()
      const watch = await world.open(stop.signal)
      try {
        await body(world, watch, stop)
      } finally {
        await watch.close()
        await world.close()
      }
    })

  held('a change wakes everybody who waits', async (world, watch) => {
    const both = [watch.changed(LONG_MS), watch.changed(LONG_MS)]
    await world.change()
    assert.equal(await Promise.all(both), ['changed', 'changed'])
  })

  held('a change between two calls is kept for the next one, once', async (world, watch) => {
    await world.change()
    await sleep(400)
    assert.is(await watch.changed(LONG_MS), 'changed')
    assert.is(await watch.changed(SHORT_MS), 'timeout')
  })

  held('changes one after the other are each told', async (world, watch) => {
    for (let round = 0; round < 4; round += 1) {
      const told = watch.changed(LONG_MS)
      await world.change()
      assert.is(await told, 'changed')
    }
  })

  held('nothing happens: the timeout', async (_world, watch) => {
    assert.is(await watch.changed(SHORT_MS), 'timeout')
    assert.is(await watch.changed(-1), 'timeout')
  })

  held('asked to stop, it answers at once and from then on', async (world, watch, stop) => {
    const told = watch.changed(LONG_MS)
    stop.abort()
    assert.is(await told, 'stopped')
    await world.change()
    assert.is(await watch.changed(LONG_MS), 'stopped')
  })

  held('closing ends what waits, and leaves no handle behind', async (world, watch) => {
    const told = watch.changed(LONG_MS)
    await world.change()
    await watch.close()
    await told
    assert.is(await watch.changed(LONG_MS), 'stopped')
    await sleep(50)
    const left = process.getActiveResourcesInfo().filter((name) => /^FS|Timeout|Process/.test(name))
    // The runner of the tests waits by a timer of its own.
    assert.equal(
      left.filter((name) => name !== 'Timeout'),
      [],
    )
  })
}
