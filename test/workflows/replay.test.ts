import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryAuthority, memoryObjectStore, memoryRefStore } from '../../src/adapters/memory/index.ts'
import { mapMemory, seededChance, seededKeyRing } from '../../src/adapters/memory/local.ts'
import { sha256OfBytes, sha256OfText } from '../../src/adapters/process/hashes.ts'
import { secretlintMask } from '../../src/adapters/secretlint/index.ts'
import { refLayout } from '../../src/claim/index.ts'
import { IfBoardError } from '../../src/model/index.ts'
import { EMPTY_TREES } from '../../src/witness/index.ts'
import { type ReplayRequest, replay } from '../../src/workflows/replay.ts'
import { parseHistory } from '../../src/workflows/replay-history.ts'
import { jsonFaultAt } from '../../src/workflows/replay-json.ts'
import { virtualTimeline } from '../../src/workflows/replay-timeline.ts'
import { boardOf } from '../support/fleet.ts'

const corpus = new URL('../../../shared/corpus/', import.meta.url)
const real = existsSync(corpus) ? test : test.skip
if (!existsSync(corpus)) console.log('skipped: the folder with the recorded day is not there')

/** Sessions on one authority in memory; `guards: false` reads again after a claim, as behind a push. */
function memoryBoxes(seed: number, guards = true): ReplayRequest['makeBox'] {
  const authority = memoryAuthority()
  const objects = memoryObjectStore()
  return (session, clock) => ({
    refs: memoryRefStore(authority, { guards }),
    objects,
    memory: mapMemory(),
    clock,
    chance: seededChance(`${seed}/${session}`),
    keys: seededKeyRing(seed),
    work: {
      head: async () => ({ branch: undefined, commit: undefined }),
      containedInHead: async () => new Set(),
      mergedInto: async () => undefined,
      changedPaths: async () => ({ kind: 'unknown', reason: 'there is no repository' }),
      resolveCommit: async () => undefined,
    },
    secrets: secretlintMask(),
    tellMasked: () => undefined,
    layout: refLayout('custom'),
    sha256: sha256OfText,
    sha256Bytes: sha256OfBytes,
    emptyTree: EMPTY_TREES.sha1,
    boardId: '1'.repeat(32),
    authority: 'local',
    trigger: 'cli',
  })
}

const bytes = (text: string) => new TextEncoder().encode(text)
const day = readFileSync(new URL('replay-day.json', import.meta.url), 'utf8')
const board = boardOf(['A', 'COMPLETED'], ['B', 'BLOCKED', 'A'], ['C', 'AVAILABLE', 'A'], ['F1'])
const request = (text = board, makeBox = memoryBoxes(1)): ReplayRequest => ({
  history: { name: 'day.json', text: day },
  board: { name: 'board.md', bytes: bytes(text) },
  makeBox,
})

test('the figures of the record follow from the file', async () => {
  const { recorded, durations, sessions, startAt } = await replay(request())
  assert.equal(recorded, {
    tasks: 3,
    completions: 3,
    duplicates: 1,
    completedTasks: 2,
    // A at once; B half an hour after the first completion of A, although A was completed again later.
    readyToClaimedSeconds: { median: 900, p90: 1800, n: 2 },
    makespanSeconds: 2640,
    fillers: { tasks: 1, completions: 1, duplicates: 0 },
    notOnBoard: { tasks: 1, completions: 1 },
  })
  // A took 4 and 6 minutes, B 10: the median of all three stands for C and F1.
  assert.equal([durations, sessions, startAt], [{ known: 2, otherwiseSeconds: 360 }, 3, '2025-11-12T10:00:00.000Z'])
})

test('replayed, every task is done once by one session, fillers too', async () => {
  const report = await replay(request())
  assert.equal(
    [report.tasks, report.completions, report.duplicates, report.fillers, report.unfinished],
    [3, 3, 0, { tasks: 1, completions: 1, duplicates: 0 }, []],
  )
  // A from 10:00 to 10:05, then B for 10 minutes; C is taken at 10:08, when the second session has done the filler.
  assert.ok(report.makespanSeconds >= 900 && report.makespanSeconds <= 910, `${report.makespanSeconds} s`)
  assert.is(report.readyToClaimedSeconds.n, 3)
  assert.is(report.readyToClaimedSeconds.p90, 180)
})

test('one seed is one day', async () => {
  assert.equal(await replay(request(board, memoryBoxes(7))), await replay(request(board, memoryBoxes(7))))
})

test('behind an authority without guards the day is the same', async () => {
  const report = await replay(request(board, memoryBoxes(1, false)))
  assert.equal([report.completions, report.duplicates, report.unfinished], [3, 0, []])
})

test('a board that nobody can finish ends, and says what is left', async () => {
  const report = await replay(request(boardOf(['A'], ['B', 'AVAILABLE', 'the bank'], ['C', 'AVAILABLE', 'B'])))
  assert.equal([report.completions, report.unfinished], [1, ['B', 'C']])
})

test('work that takes longer than the lease stays with its session, because it shows signs of life', async () => {
  const slow = { at: '2025-11-12T10:00:00Z', session: 'one', task: 'A' }
  const text = JSON.stringify({
    events: [
      { ...slow, kind: 'claim' },
      { ...slow, kind: 'done', at: '2025-11-12T13:00:00Z' },
      { ...slow, kind: 'done', session: 'two', task: 'B', at: '2025-11-12T10:01:00Z' },
    ],
  })
  const report = await replay({ ...request(boardOf(['A'])), history: { name: 'slow.json', text } })
  assert.equal([report.completions, report.duplicates, report.makespanSeconds], [1, 0, 10_800])
})

test('a record that is not understood is an error with its line', () => {
  const event = '{"at": "2025-11-12T10:00:00Z", "session": "one", "kind": "claim", "task": "A"}'
  const cases: [string, number, RegExp][] = [
    ['', 1, /not JSON/],
    ['{\n"events": [\n}', 3, /not JSON/],
    ['[]', 1, /no list `events`/],
    ['{"events": 3}', 1, /no list `events`/],
    ['{"events": []}', 1, /no event/],
    ['{"events": [\n{"at": "a",\n "at": "b" "c"}]}', 3, /not JSON/],
    ['{"events": [\n"a\nb"]}', 2, /not JSON/],
    ['{"events": []}\n\n]', 3, /not JSON/],
    [`{"x": ["}"],\n "events": [\n${event},\n3]}`, 4, /not an object/],
    [`{"events": [\n${event},\n\n${event.replace('claim', 'stole')}]}`, 4, /`kind` .*`stole`/],
    [`{"events": [${event},\n${event.replace('T10', 'T25')}]}`, 2, /`at` is no RFC 3339 time/],
    [`{"events": [\n${event.replace('"one"', '"../../x"')}]}`, 2, /`session` is no name/],
    [`{"events": [\n${event.replace('"A"', '"\\u001b[31m"')}]}`, 2, /`task` is no task id: `\?\[31m`/],
    [`{"events": [\n${event.replace('"A"', '7')}]}`, 2, /`task` is no task id: `7`/],
    [`{"events": [\n${event},\n${event.replace('2025-11', '2026-11')}]}`, 3, /more than 7 days/],
  ]
  for (const [text, line, message] of cases)
    try {
      parseHistory(text, 'day.json')
      assert.unreachable(text)
    } catch (error) {
      assert.instance(error, IfBoardError)
      const { code, place, message: found } = error as IfBoardError
      assert.equal([code, place?.file, place?.line], ['history/invalid', 'day.json', line], text)
      assert.match(found, message)
    }
})

test('the place where a text stops being JSON is found', () => {
  const whole = '{"a": [1, -2.5e3, true, null, "\\u0041\\n"], "b": {}, "c": []}'
  assert.is(jsonFaultAt(whole), whole.length)
  for (let length = 0; length < whole.length; length += 1) {
    const fault = jsonFaultAt(whole.slice(0, length))
    assert.ok(fault <= length && whole.slice(fault, length).length < 10, whole.slice(0, length))
  }
  for (const [text, fault] of [
    ['[1, 2}', 5],
    [' ["\\x"]', 2],
    ['{"a" 1}', 5],
    ['[1] 2', 4],
    ['{,}', 1],
    ['[01]', 2],
  ] as const)
    assert.is(jsonFaultAt(text), fault, text)
})

test('keys of the prototype are ordinary names of tasks and sessions', () => {
  const { events, sessions } = parseHistory(
    '{"events": [{"at": "2025-11-12T10:00:00.5Z", "session": "constructor", "kind": "done", "task": "__proto__"}]}',
    'day.json',
  )
  assert.is(events[0]?.task, '__proto__')
  assert.is(events[0]?.at, 1_762_941_600_500)
  assert.equal([...sessions.keys()], ['constructor'])
})

test('a record in any order is told in order of time', () => {
  const { events, startAt } = parseHistory(JSON.stringify({ events: JSON.parse(day).events.reverse() }), 'day.json')
  assert.equal([events[0]?.task, startAt], ['A', Date.parse('2025-11-12T10:00:00Z')])
})

test('virtual time passes only while everybody sleeps, and idle workers wake at their next poll', async () => {
  const timeline = virtualTimeline({ startAt: 0, endAt: 100_000, pollMs: 5_000, quietMs: 60_000 })
  const log: string[] = []
  const note = (text: string) => log.push(`${timeline.clock.now().wallMs} ${text}`)
  timeline.start(1_000, async () => {
    note('idle')
    await timeline.idle()
    note('woken by the change')
    await timeline.idle()
    note('woken for a sign of life')
  })
  timeline.start(0, async () => {
    await timeline.clock.sleep(7_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
    note('changes something')
    timeline.changed()
  })
  await timeline.run()
  assert.equal(log, [
    '1000 idle',
    '7000 changes something',
    '11000 woken by the change',
    '71000 woken for a sign of life',
  ])
})

test('an error of one worker ends the run', async () => {
  const timeline = virtualTimeline({ startAt: 0, endAt: 1_000, pollMs: 10, quietMs: 100 })
  timeline.start(0, async () => {
    throw new Error('broken')
  })
  timeline.start(0, () => timeline.clock.sleep(900))
  try {
    await timeline.run()
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), 'broken')
  }
})

real('the recorded day: 28 tasks once each instead of 51 completions of 27', async () => {
  const report = await replay({
    history: { name: 's2-history.json', text: readFileSync(new URL('s2-history.json', corpus), 'utf8') },
    board: { name: 'board.md', bytes: readFileSync(new URL('s2-PHASE-0-TASK-BOARD.md', corpus)) },
    makeBox: memoryBoxes(1),
  })
  const { recorded } = report
  assert.equal([recorded.tasks, recorded.completedTasks, recorded.completions, recorded.duplicates], [28, 27, 51, 24])
  assert.is(recorded.readyToClaimedSeconds.n, 16)
  assert.is(((recorded.readyToClaimedSeconds.median ?? 0) / 60).toFixed(1), '31.9')
  assert.is((report.durations.otherwiseSeconds / 60).toFixed(1), '4.2')
  assert.equal([report.tasks, report.completions, report.duplicates, report.unfinished], [28, 28, 0, []])
  assert.equal(report.fillers, { tasks: 28, completions: 28, duplicates: 0 })
  assert.ok((report.readyToClaimedSeconds.median ?? 9999) < 120)
  assert.ok(report.makespanSeconds < 3600, `${report.makespanSeconds} s`)
})

test.run()
