import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../../src/model/index.ts'
import { read } from '../../../src/workflows/read.ts'
import { statusOf } from '../../../src/workflows/views-status.ts'
import { follow } from '../../../src/workflows/watch/alarms.ts'
import { conditionsOf } from '../../../src/workflows/watch/conditions.ts'
import { type Metric, metricsOf } from '../../../src/workflows/watch/metrics.ts'
import { counted, newTally } from '../../../src/workflows/watch/tally.ts'
import { ask } from '../../support/acts.ts'
import { boardOf } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'

const own = { version: '1.2.3', residentBytes: 1, cpuSeconds: 2, startedAtSeconds: 3 }

function valueIn(metrics: readonly Metric[], name: string, label?: string): number | undefined {
  const samples = metrics.find((metric) => metric.name === name)?.samples
  return samples?.find(({ labels }) => label === undefined || Object.values(labels).includes(label))?.value
}

test('before the first look there are figures of the watcher alone', () => {
  const now = { wallMs: 0, monotonicMs: 0, bootId: 'b' }
  const metrics = metricsOf({ tally: newTally(), status: undefined, now, own })
  assert.is(valueIn(metrics, 'if_board_watcher_state', 'looking'), 1)
  assert.is(valueIn(metrics, 'if_board_watcher_state', 'seeing'), 0)
  assert.is(valueIn(metrics, 'if_board_last_answer_age_seconds'), undefined)
  assert.is(valueIn(metrics, 'if_board_tasks', 'ready'), undefined)
  assert.is(valueIn(metrics, 'if_board_build_info', '1.2.3'), 1)
})

test('names are those of Prometheus: counters end in total, times are seconds, sizes bytes', () => {
  const now = { wallMs: 0, monotonicMs: 0, bootId: 'b' }
  for (const { name, type } of metricsOf({ tally: newTally(), status: undefined, now, own })) {
    assert.match(name, /^(?:if_board|process)_[a-z_]+$/)
    assert.is(name.endsWith('_total'), type === 'counter', name)
    assert.not.match(name, /_(?:ms|milliseconds|minutes|mb|kb)(?:_|$)/)
  }
})

test('tasks, sessions and the age of a ready task are as status has them, with a bounded number of names', () =>
  on(
    { kind: 'memory-remote', board: boardOf(...Array.from({ length: 61 }, (_, index) => [`T${index}`] as const)) },
    async ({ clock }, member) => {
      for (let index = 0; index < 60; index += 1) await ask(member, `s${index}` as SessionName)
      const tally = newTally()
      const box = { ...member.box, refs: counted(member.box.refs, tally) }
      tally.reading = await read(box)
      const { sessions } = statusOf(box, tally.reading)
      tally.followed = follow(
        new Map(),
        conditionsOf({ snapshot: tally.reading.snapshot, sessions, helps: [], mayDo: () => true }),
        clock.now(),
      ).followed
      clock.advance(90_000)
      const now = clock.now()
      const metrics = metricsOf({ tally, status: statusOf(box, { ...tally.reading, now }), now, own })
      assert.is(valueIn(metrics, 'if_board_tasks', 'claimed'), 60)
      assert.is(valueIn(metrics, 'if_board_tasks', 'ready'), 1)
      assert.is(valueIn(metrics, 'if_board_tasks', 'blocked'), 0)
      assert.is(valueIn(metrics, 'if_board_claims'), 60)
      assert.is(valueIn(metrics, 'if_board_sessions', 'working'), 60)
      assert.is(valueIn(metrics, 'if_board_oldest_ready_age_seconds'), 90)
      assert.is(valueIn(metrics, 'if_board_authority_requests_total', 'fetch'), 1)
      const named = metrics.find(({ name }) => name === 'if_board_session_silence_seconds')
      assert.is(named?.samples.length, 50)
    },
  ))

test.run()
