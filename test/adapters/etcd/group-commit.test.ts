import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GroupCommit } from '../../../src/adapters/etcd/group-commit.ts'
import type { TaskKey } from '../../../src/model/index.ts'

interface Item {
  readonly task: TaskKey
  readonly bytes?: number
}

const items = (...ids: number[]): Item[] => ids.map((id) => ({ task: `TASKS.md:T${id}` as TaskKey }))
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at)

/** A register for each task, and transactions that are all or none; each waits until the test lets it through. */
function register({ most = 32, isHeld = false } = {}) {
  const taken = new Map<TaskKey, number>()
  const sent: (readonly Item[])[] = []
  const doors: (() => void)[] = []
  const group = new GroupCommit<Item, number | 'taken'>({
    most,
    bytesOf: ({ bytes = 1 }) => bytes,
    async commit(asked) {
      const revision = sent.push(asked)
      await new Promise<void>((open) => (isHeld ? doors.push(open) : setImmediate(open)))
      if (asked.some(({ bytes }) => bytes === 0)) throw new Error('refused')
      if (asked.some(({ task }) => taken.has(task))) return 'taken'
      for (const { task } of asked) taken.set(task, revision)
      return revision
    },
    isMixed: (answer) => answer === 'taken',
  })
  const letThrough = async () => {
    doors.shift()?.()
    await new Promise(setImmediate)
  }
  return { group, taken, sizes: () => sent.map(({ length }) => length), sent, letThrough }
}

test('what waits while two are under way goes together, 32 tasks at most, and each call has the answer of its own', async () => {
  const { group, sizes, letThrough } = register({ isHeld: true })
  const answers = upTo(45).map((id) => group.call(items(id)))
  assert.equal(sizes(), [1, 1])
  for (const size of [32, 11]) {
    await letThrough()
    assert.is(sizes().at(-1), size)
  }
  await letThrough()
  await letThrough()
  const told = await Promise.all(answers)
  assert.equal(new Set(told).size, 4, 'a revision for each transaction')
})

test('a call that is full waits for nobody', async () => {
  const { group, sizes } = register({ isHeld: true, most: 4 })
  for (const id of upTo(3)) void group.call(items(id))
  void group.call(items(10, 11, 12, 13))
  assert.equal(sizes(), [1, 1, 4])
})

test('values are never more than a request holds, no task is twice in one, and what was in the way of others goes alone', async () => {
  const { group, sent, letThrough } = register({ isHeld: true })
  for (const id of upTo(2)) void group.call(items(id))
  for (const id of [2, 3, 4]) void group.call([{ task: `TASKS.md:T${id}` as TaskKey, bytes: 400_000 }])
  for (const id of [5, 5, 6]) void group.call(items(id))
  for (const _ of upTo(7)) await letThrough()
  assert.equal(
    sent.map((asked) => asked.map(({ task }) => task.slice(-1)).join('')),
    ['0', '1', '23', '45', '56', '5', '6'],
  )
})

test('nothing waits for long, whatever is under way', async () => {
  const { group, sizes } = register({ isHeld: true })
  for (const id of upTo(40)) void group.call(items(id))
  assert.equal(sizes(), [1, 1])
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.equal(sizes(), [1, 1, 32, 6])
})

test('an error is that of all who shared it, and the next ones go on', async () => {
  const { group } = register()
  const settled = await Promise.allSettled([
    ...upTo(2).map((id) => group.call(items(id))),
    group.call([{ task: 'TASKS.md:T7' as TaskKey, bytes: 0 }]),
    group.call(items(8)),
  ])
  assert.equal(
    settled.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
  )
  assert.is(typeof (await group.call(items(9))), 'number')
})

test('whatever is asked at once, each call is all or none, and refused only where one of its tasks is another’s', async () => {
  const call = fc.uniqueArray(fc.nat(12), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(call, fc.nat(3)), { maxLength: 30 }), async (calls) => {
      const { group, taken } = register({ most: 5 })
      const owners = new Map<TaskKey, number>()
      const answers = await Promise.all(
        calls.map(async ([ids, pause], at) => {
          for (const _ of upTo(pause)) await new Promise(setImmediate)
          const answer = await group.call(items(...ids))
          if (answer === 'taken') return { ids, refused: true }
          for (const { task } of items(...ids)) {
            assert.not(owners.has(task), `${task} was granted twice`)
            owners.set(task, at)
          }
          return { ids, refused: false }
        }),
      )
      assert.is(owners.size, taken.size)
      for (const { ids, refused } of answers)
        if (refused)
          assert.ok(
            items(...ids).some(({ task }) => owners.has(task)),
            `${ids} stood in nobody's way`,
          )
    }),
  )
})

test.run()
