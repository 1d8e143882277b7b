import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isTaskId, type TaskId, taskKey } from '../../src/model/index.ts'
import { canonicalJson, eventType } from '../../src/witness/index.ts'
import { summarizeNote } from '../../src/witness/note-summary.ts'
import { board, claimBody, claimEvent, seeded } from './samples.ts'

const ids = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom('"', '\\', '\\"', '","subject":"x', '日本 1'),
  )
  .filter((id) => isTaskId(id))

test('a summary misses no task, session, type or time that the parser finds, whatever texts hold', async () => {
  const { data } = await claimBody()
  await fc.assert(
    fc.asyncProperty(ids, fc.string({ unit: 'binary' }), async (id, reason) => {
      const task = { board, id: id as TaskId, title: reason }
      const event = await claimEvent({ subject: taskKey(board, task.id), data: { ...data, task, reason } })
      const found = summarizeNote(`${canonicalJson(event)}\n\nrest\n`)
      assert.ok(found.keys.includes(event.subject as string))
      assert.ok(found.names.includes(event.session))
      assert.ok(found.types.includes(eventType(event)))
      assert.ok(found.from <= event.time && event.time <= found.until)
      assert.is(found.events, 1)
    }),
    seeded,
  )
})

test('what is said to have happened earlier widens the time of a note', async () => {
  const { data } = await claimBody()
  const event = await claimEvent({ data: { ...data, happened: '2025-01-01T00:00:00.000Z' } })
  assert.is(summarizeNote(`${canonicalJson(event)}\n\n`).from, '2025-01-01T00:00:00.000Z')
})

test.run()
