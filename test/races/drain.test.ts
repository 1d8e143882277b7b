import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, STUCK_MS, told } from '../support/cli.ts'
import { boardNow, boardOf, full, type Member, openFleet, repositoriesOf } from '../support/clones.ts'
import { brokenChains, notDoneOnce, sealedEvents } from '../support/clones-log.ts'
import { answerOf, assertVerified } from '../support/clones-story.ts'
import { locksLeftIn } from '../support/left-locks.ts'

const SIZE = full ? 16 : 4
/** Work trees of one clone ask the same of a task as clones do; what they share is tried with fewer. */
const TASKS = full ? { file: 200, local: 60 } : { file: 8, local: 8 }

const places = { file: 'clones', local: 'work trees' } as const

for (const transport of ['file', 'local'] as const) {
  const tasks = TASKS[transport]
  test(`${SIZE} ${places[transport]} drain ${tasks} tasks, and each task is done once`, async () => {
    const fleet = await openFleet({ transport, size: SIZE, board: boardOf(tasks) })
    try {
      const { box, members, authority } = fleet
      const did = await Promise.all(members.map(drain))
      const ids = Array.from({ length: tasks }, (_, index) => `T${index + 1}`)
      assert.equal(did.flat().sort(), [...ids].sort(), 'the answers name each task once')
      assert.ok(did.filter((own) => own.length > 0).length > 1, 'the work was shared')
      const synced = await answerOf(members[0] as Member, 'sync')
      assert.is(synced.status, 0, told(synced))
      const events = sealedEvents(box, authority)
      assert.equal(notDoneOnce(events, ids), [])
      assert.equal(brokenChains(events), [])
      assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, tasks)
      assert.equal(await locksLeftIn(box, ...repositoriesOf(fleet)), [])
      await assertVerified(members[0] as Member)
    } finally {
      await fleet.close()
    }
  })
}

/** One session polls until the board is finished; the ids that it was told it completed. */
async function drain(member: Member): Promise<string[]> {
  const completed: string[] = []
  for (;;) {
    const asked = await answerOf(member, 'next')
    assert.ok(asked.ms < STUCK_MS, told(asked))
    const answer = jsonOf(asked)
    if (asked.status === 3 && answer.none.finished === true) return completed
    // Nothing ready while others still hold the last tasks.
    if (asked.status === 3) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      continue
    }
    assert.is(asked.status, 0, told(asked))
    const done = await answerOf(member, 'done', answer.task.id)
    assert.is(done.status, 0, told(done))
    assert.is(jsonOf(done).kind, 'completed')
    completed.push(answer.task.id)
  }
}

test.run()
