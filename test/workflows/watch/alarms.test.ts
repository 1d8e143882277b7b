import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Condition,
  type Followed,
  follow,
  parseFollowed,
  renderFollowed,
} from '../../../src/workflows/watch/alarms.ts'

const at = (ms: number, bootId = 'boot-1') => ({ wallMs: 1_000_000 + ms, monotonicMs: ms, bootId })
const untaken = (id: string, afterMs = 600_000): Condition => ({
  key: `ready-untaken ${id}`,
  alarm: 'ready-untaken',
  afterMs,
  task: id,
  session: null,
  message: `${id} is ready`,
  hint: 'if-board why',
})
const none: Followed = new Map()

test('a condition is told once it has held for its time, and once only', () => {
  const first = follow(none, [untaken('A')], at(0))
  assert.equal([first.raised.length, first.dueInMs], [0, 600_000])
  const early = follow(first.followed, [untaken('A')], at(599_999))
  assert.equal([early.raised.length, early.dueInMs], [0, 1])
  const due = follow(early.followed, [untaken('A')], at(600_000))
  assert.equal(
    due.raised.map(({ task, since }) => [task, since.monotonicMs]),
    [['A', 0]],
  )
  const later = follow(due.followed, [untaken('A')], at(5_000_000))
  assert.equal([later.raised.length, later.dueInMs], [0, undefined])
})

test('only what was told ends; a break makes the time count from the start', () => {
  const first = follow(none, [untaken('A')], at(0))
  const gone = follow(first.followed, [], at(500_000))
  assert.equal(gone.ended, [])
  const again = follow(gone.followed, [untaken('A')], at(500_001))
  assert.is(again.dueInMs, 600_000)
  const told = follow(again.followed, [untaken('A')], at(1_100_001))
  assert.is(told.raised.length, 1)
  assert.equal(
    follow(told.followed, [], at(1_100_002)).ended.map(({ alarm, task }) => [alarm, task]),
    [['ready-untaken', 'A']],
  )
})

test('after a restart nothing is told twice, and after a reboot the time counts again', () => {
  const told = follow(none, [untaken('A', 0), untaken('B')], at(0))
  assert.is(told.raised.length, 1)
  const kept = parseFollowed(renderFollowed(told.followed))
  assert.equal(kept, told.followed)
  assert.equal(follow(kept, [untaken('A', 0), untaken('B')], at(10)).raised, [])
  const rebooted = follow(kept, [untaken('A', 0), untaken('B')], at(900_000, 'boot-2'))
  assert.equal([rebooted.raised, rebooted.dueInMs], [[], 600_000])
})

test('what is damaged is forgotten', () => {
  for (const text of ['', '{', 'null', '7', '[[1]]', '[["k",{"since":{},"told":true}]]', '[["k",null]]'])
    assert.is(parseFollowed(text).size, 0, text)
})

test('whatever comes and goes, each unbroken stretch is told at most once, and ends after it was told', () => {
  const ids = ['A', 'B', 'C']
  fc.assert(
    fc.property(fc.array(fc.record({ afterMs: fc.nat(300), holds: fc.subarray(ids) }), { maxLength: 60 }), (steps) => {
      let followed = none
      let now = 0
      const told = new Map<string, boolean>()
      for (const { afterMs, holds } of steps) {
        now += afterMs
        const next = follow(
          followed,
          holds.map((id) => untaken(id, 500)),
          at(now),
        )
        for (const { key } of next.raised) {
          assert.is(told.get(key) ?? false, false, `${key} is told twice`)
          told.set(key, true)
        }
        for (const { task } of next.ended) {
          assert.is(told.get(`ready-untaken ${task}`), true)
          told.set(`ready-untaken ${task}`, false)
        }
        followed = parseFollowed(renderFollowed(next.followed))
      }
    }),
  )
})

test.run()
