import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type SessionName, toSessionName } from '../../../src/model/index.ts'
import { finish } from '../../../src/workflows/finish.ts'
import { foldIfDue } from '../../../src/workflows/fold-due.ts'
import { readRecord } from '../../../src/workflows/hooks/memory.ts'
import { answerStart } from '../../../src/workflows/hooks/start.ts'
import { answerStop, type StopRequest } from '../../../src/workflows/hooks/stop.ts'
import { GUARD } from '../../../src/workflows/hooks/stop-rule.ts'
import type { Toolbox } from '../../../src/workflows/toolbox.ts'
import { boardOf, fleet } from '../../support/fleet.ts'

const session = toSessionName('session-1')
let firings = 0

function request(more: Partial<StopRequest> = {}): StopRequest {
  firings += 1
  return {
    session,
    key: 'tool',
    firing: { hash: `${firings}`, startedAt: firings * 10_000 },
    hooksRun: 'in-turn',
    lastUseAt: undefined,
    ...more,
  }
}

async function done(box: Toolbox, who: SessionName = session): Promise<void> {
  await finish(box, { session: who, task: undefined }, { kind: 'completed', evidence: {} })
}

test('a session that completes what it is handed goes on far beyond the guard, also where folds swept its claims', async () => {
  const count = GUARD + 6
  const team = await fleet({
    kind: 'memory',
    board: boardOf(...Array.from({ length: count }, (_, at) => [`A${at}`] as const)),
  })
  const { box } = await team.clone()
  for (let at = 0; at < count; at += 1) {
    const answer = await answerStop(box, request())
    assert.is(answer.kind, 'hand-over', `at ${at}`)
    await done(box)
    team.clock.advance(60_000)
    if (at % 3 === 0) await foldIfDue(box, session)
  }
  assert.is((await answerStop(box, request())).kind, 'stop', 'the board is finished')
  await team.close()
})

test('a session that gives back whatever it is handed is let go at the guard, until a new conversation', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A1'], ['A2']) })
  const { box } = await team.clone()
  let handed = 0
  for (let stop = 0; stop < 2 * GUARD; stop += 1) {
    const answer = await answerStop(box, request())
    if (answer.kind !== 'hand-over') continue
    handed += 1
    await finish(box, { session, task: undefined }, { kind: 'released', reason: 'not mine' })
  }
  assert.is(handed, GUARD)
  assert.equal(await answerStart(box, { session, key: 'tool', occasion: 'goes-on' }), { kind: 'free', session })
  assert.is((await answerStop(box, request())).kind, 'stop', 'a shortened context is the same conversation')
  await answerStart(box, { session, key: 'tool', occasion: 'begins' })
  assert.is((await answerStop(box, request())).kind, 'hand-over')
  await team.close()
})

test('a session at its guard that completes a task of its own is handed the next one again', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A1'], ['A2']) })
  const { box } = await team.clone()
  for (let stop = 0; stop < GUARD; stop += 1) await answerStop(box, request({ lastUseAt: Number.MAX_SAFE_INTEGER }))
  assert.is((await answerStop(box, request({ lastUseAt: Number.MAX_SAFE_INTEGER }))).kind, 'stop')
  await done(box)
  assert.is((await answerStop(box, request())).kind, 'hand-over')
  await team.close()
})

test('a repetition gets the same answer and moves nothing', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A1'], ['A2']) })
  const { box } = await team.clone()
  const answers: string[] = []
  for (let stop = 0; stop < 4; stop += 1) {
    const once = request()
    const first = await answerStop(box, once)
    const record = await readRecord(box.memory, 'tool')
    const second = await answerStop(box, { ...once, firing: { ...once.firing, startedAt: once.firing.startedAt + 40 } })
    assert.equal(await readRecord(box.memory, 'tool'), record)
    assert.is(second.kind, first.kind === 'given-back' ? 'stop' : first.kind)
    answers.push(first.kind)
  }
  assert.equal(answers, ['hand-over', 'remind', 'remind', 'given-back'])
  await team.close()
})

test('a stop with equal bytes is no repetition once the task that was handed over is done', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A1'], ['A2']) })
  const { box } = await team.clone()
  const once = request()
  assert.is((await answerStop(box, once)).kind, 'hand-over')
  await done(box)
  const answer = await answerStop(box, once)
  assert.equal('card' in answer ? [answer.kind, answer.card.task.id] : answer, ['hand-over', 'A2'])
  assert.ok('card' in answer && answer.card.claim !== undefined, 'it is claimed, not only shown')
  await team.close()
})

test('a stop with equal bytes that begins after the answer is counted, however soon, where hooks run together', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A1']) })
  const { box } = await team.clone()
  const kinds: string[] = []
  for (let stop = 0; stop < GUARD + 2; stop += 1) {
    const firing = { hash: 'the same', startedAt: box.clock.now().wallMs + 1 }
    const used = { lastUseAt: Number.MAX_SAFE_INTEGER }
    kinds.push((await answerStop(box, request({ firing, hooksRun: 'together', ...used }))).kind)
    team.clock.advance(10)
  }
  assert.equal(kinds, ['hand-over', ...Array(GUARD - 1).fill('go-on'), 'stop', 'stop'])
  await team.close()
})

test('nothing ready waits, and a finished board does not', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A1'], ['A2', 'AVAILABLE', 'A1']) })
  const { box } = await team.clone()
  const other = toSessionName('session-2')
  await answerStop(box, request({ session: other, key: 'other' }))
  assert.is((await answerStop(box, request())).kind, 'wait')
  await done(box, other)
  assert.is((await answerStop(box, request())).kind, 'hand-over')
  await done(box)
  assert.is((await answerStop(box, request())).kind, 'stop')
  await team.close()
})

test.run()
