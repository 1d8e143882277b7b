/** Questions to the log: by its index, over what is sealed and what is not. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type SessionName, toSessionName } from '../../../src/model/index.ts'
import { sealTitle, summarizeNote } from '../../../src/witness/note-summary.ts'
import { fold } from '../../../src/workflows/fold.ts'
import { read } from '../../../src/workflows/read.ts'
import { keysOfTask, keysOfTrace } from '../../../src/workflows/witness/known-tasks.ts'
import { type LogEntry, readLog } from '../../../src/workflows/witness/log.ts'
import { entryName, entryType, type LogFilter, lastEntries, openLog } from '../../../src/workflows/witness/log-book.ts'
import { taskStory } from '../../../src/workflows/witness/story.ts'
import { traceView } from '../../../src/workflows/witness/trace.ts'
import { at, keyOf, madeUpDay } from '../../cli/witness/day.ts'
import { claim, codeOf, done, fail, settle } from '../../support/acts.ts'
import { boardOf, type Clone, fleet, names, retype } from '../../support/fleet.ts'
import { sealDay } from '../../support/sealed-day.ts'

const test = suite('the log, asked')
const INDEX = 'cache/witness-index'
const [s1, s2] = names(2) as [SessionName, SessionName]

const words = (entries: readonly LogEntry[]) => entries.map((entry) => `${entryName(entry)} ${entryType(entry)}`)
const idOf = (entry: LogEntry) => (entry.kind === 'event' ? entry.event.id : entry.record.time)

async function ask({ box }: Pick<Clone, 'box'>, filter: LogFilter, limit = 0) {
  return lastEntries(await openLog(box), filter, limit)
}

test('with the index and without it the log is the same, and the same as read from front to end', async () => {
  const { team, clone } = await madeUpDay()
  const whole: LogEntry[] = []
  for await (const entry of readLog(clone.box, await read(clone.box))) whole.push(entry)
  assert.ok(whole.length > 20)
  for (const kept of ['none', 'whole', 'half a file', 'another version']) {
    if (kept === 'none') await clone.memory.remove(INDEX)
    if (kept === 'half a file') await clone.memory.write(INDEX, '{"version":1,"tip":"')
    if (kept === 'another version') await clone.memory.write(INDEX, '{"version":0,"tip":"x","rows":[]}')
    assert.equal((await ask(clone, {})).entries.map(idOf), whole.map(idOf), kept)
  }
  await team.close()
})

test('each filter gives what a look at every entry gives', async () => {
  const { team, clone } = await madeUpDay()
  const { entries } = await ask(clone, {})
  const filters: [LogFilter, (entry: LogEntry) => boolean][] = [
    [{ name: 'session-5' }, (entry) => entryName(entry) === 'session-5'],
    [{ name: 'Ada Person' }, (entry) => entryName(entry) === 'Ada Person'],
    [{ types: new Set(['claim', 'edit']) }, (entry) => ['claim', 'edit'].includes(entryType(entry))],
    [
      { since: at('02:50:00'), until: at('02:52:00') },
      (entry) => timeOf(entry) >= '2025-11-12T02:50' && timeOf(entry) < '2025-11-12T02:52',
    ],
    [{ sinceFold: 2 }, (entry) => (entry.fold ?? 0) > 2],
    [{ keys: new Set([keyOf('GONE')]) }, (entry) => entry.kind === 'event' && entry.event.subject === keyOf('GONE')],
  ]
  for (const [filter, wanted] of filters) {
    const expected = entries.filter(wanted)
    assert.ok(expected.length > 0 && expected.length < entries.length)
    assert.equal((await ask(clone, filter)).entries.map(idOf), expected.map(idOf))
  }
  await team.close()
})

const timeOf = (entry: LogEntry) => (entry.kind === 'event' ? entry.event.time : entry.record.time)

test('the newest entries are found in the newest folds, and all are counted', async () => {
  const { team, clone } = await madeUpDay()
  const all = await ask(clone, {})
  assert.is(all.total, all.entries.length)
  for (const limit of [1, 6, 7, 8, 100]) {
    const some = await ask(clone, {}, limit)
    assert.equal(some.entries.map(idOf), all.entries.slice(-limit).map(idOf))
    assert.is(some.total, all.total)
  }
  await team.close()
})

test('a question about one task reads the notes that name it, and no other', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A']) })
  const clone = await team.clone()
  const said = (task: string, second: number) => [
    { at: at('02:00:00') + second * 1000, session: 's', type: 'note' as const, task },
  ]
  await sealDay(
    team,
    clone,
    Array.from({ length: 40 }, (_, number) => ({ said: said(number === 7 ? 'A' : `T${number}`, number) })),
  )
  await openLog(clone.box)
  const { box, asked } = counting(clone)
  const book = await openLog(box)
  asked.clear()
  assert.is((await lastEntries(book, { keys: keysOfTask(book, 'A') }, 0)).entries.length, 1)
  assert.is(asked.size, 1, 'one note')
  await team.close()
})

test('after another fold only the new note is read', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A'], ['B']) })
  const clone = await team.clone()
  await claim(clone, s1, 'A')
  await done(clone, s1, 'A')
  await settle(clone, s1)
  const before = (await ask(clone, {})).entries
  const [known] = (await openLog(clone.box)).folds
  await claim(clone, s2, 'B')
  assert.equal(words((await ask(clone, {})).entries.slice(before.length)), ['session-2 claim'], 'not sealed yet')
  await done(clone, s2, 'B')
  await fold(clone.box, s2)
  const { box, asked } = counting(clone)
  const { folds } = await openLog(box)
  assert.equal(
    folds.map(({ blob }) => asked.has(blob)),
    folds.map(({ blob }) => blob !== known?.blob),
  )
  assert.is(folds.length, 2)
  const after = (await ask(clone, {})).entries
  assert.equal(after.slice(0, before.length).map(idOf), before.map(idOf))
  assert.equal(words(after.slice(before.length)), ['session-2 claim', 'session-2 complete', 'session-2 fold'])
  await team.close()
})

/** The same toolbox, with the ids of objects that were read. */
function counting({ box }: Clone) {
  const asked = new Set<string>()
  const objects: typeof box.objects = {
    ...box.objects,
    read(oid) {
      asked.add(oid)
      return box.objects.read(oid)
    },
  }
  return { box: { ...box, objects }, asked }
}

test('what is sealed and what waits for a fold is told apart, also in the story', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A']) })
  const clone = await team.clone()
  await claim(clone, s1, 'A')
  await fail(clone, s1, 'A')
  await settle(clone, s1)
  await claim(clone, s2, 'A')
  const book = await openLog(clone.box)
  const { parts } = await taskStory(book, 'A')
  assert.equal(
    parts.map((part) => part.kind === 'grant' && [part.session, part.end?.kind ?? 'held', part.fold === null]),
    [
      ['session-1', 'failed', false],
      ['session-2', 'held', true],
    ],
  )
  await team.close()
})

test('a claim that a person took back on the board is told so', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A'], ['B']) })
  const clone = await team.clone()
  await claim(clone, s1, 'A')
  await settle(clone, s1)
  team.clock.advance(180_000)
  await settle(clone, s1)
  await team.edit(retype('A', 'AVAILABLE'))
  team.clock.advance(180_000)
  await claim(clone, s2, 'B')
  await done(clone, s2, 'B')
  await settle(clone, s2)
  const { parts } = await taskStory(await openLog(clone.box), 'A')
  const grant = parts.find((part) => part.kind === 'grant')
  assert.is(grant?.kind === 'grant' && grant.end?.kind, 'taken back')
  assert.is(grant?.kind === 'grant' && grant.end?.by, 'Ada Person')
  assert.ok(parts.some((part) => part.kind === 'edit' && part.author === 'Ada Person'))
  await team.close()
})

test('a task is found by the id that it had, after it was renamed and after it was removed', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['P1'], ['X1'], ['X2']) })
  const clone = await team.clone()
  await claim(clone, s1, 'P1')
  await settle(clone, s1)
  await team.edit((text) => text.replace('| P1 |', '| Q1 |'))
  await done(clone, s1, 'Q1')
  team.clock.advance(60_000)
  await settle(clone, s1)
  const book = await openLog(clone.box)
  const [old, now] = [await taskStory(book, 'P1'), await taskStory(book, 'Q1')]
  assert.equal(old.parts, now.parts)
  assert.ok(now.parts.some((part) => part.kind === 'grant' && part.end?.kind === 'completed'))
  await team.edit((text) => text.replace(/\| Q1 .*\n/, ''))
  const gone = await taskStory(await openLog(clone.box), 'p1')
  assert.is(gone.task.status, null)
  assert.ok(gone.parts.length >= now.parts.length)
  await team.close()
})

test('a task that neither board nor log knows is an error with a way on', async () => {
  const { team, clone } = await madeUpDay()
  const book = await openLog(clone.box)
  for (const typed of ['P9', '', '__proto__', 'P0.2.3:x'])
    assert.is(await codeOf(taskStory(book, typed)), 'task/unknown', typed)
  assert.is(await codeOf(traceView(book, '0'.repeat(32), undefined)), 'task/unknown')
  await team.close()
})

test('a trace id names the task that it was made from', async () => {
  const { team, clone } = await madeUpDay()
  const book = await openLog(clone.box)
  const { traces } = await traceView(book, 'GONE', undefined)
  const traceId = traces[0]?.traceId ?? ''
  assert.equal([...keysOfTrace(book, traceId.toUpperCase())], [keyOf('GONE')])
  assert.equal((await traceView(book, traceId, undefined)).traces, traces)
  await team.close()
})

test('the log can be read where the branch was rewound', async () => {
  const team = await fleet({ kind: 'memory', board: boardOf(['A']) })
  const clone = await team.clone()
  const before = await team.head()
  await claim(clone, s1, 'A')
  await done(clone, s1, 'A')
  await settle(clone, s1)
  await team.force(team.layout.board, before)
  assert.is(await codeOf(read(clone.box)), 'board/rewound')
  const book = await openLog(clone.box)
  assert.is.not(book.missingFold, undefined)
  assert.ok((await lastEntries(book, { name: s1 }, 0)).entries.length >= 2)
  await team.close()
})

test('a note that is no note leaves the others readable', async () => {
  const { team, clone } = await madeUpDay()
  const { total } = await ask(clone, {})
  const read = clone.box.objects.read
  const broken = new TextEncoder().encode('{"subject":"TASK-BOARD.md:GONE"}\n\nnothing')
  const rows = JSON.parse((await clone.memory.read(INDEX)) ?? '').rows as { blob: string }[]
  const objects = {
    ...clone.box.objects,
    read: async (oid: Parameters<typeof read>[0]) =>
      oid === rows[1]?.blob ? { type: 'blob' as const, body: broken } : read(oid),
  }
  const { entries } = await ask({ box: { ...clone.box, objects } }, { since: 0 })
  assert.is(entries.length, total - 5)
  await team.close()
})

test('the title of a seal names fold and board, and nothing else is one', () => {
  const board = 'a'.repeat(40)
  assert.equal(sealTitle(`Seal fold 12 of ${board}\n\nif-board/x\n`), { fold: 12, board })
  for (const message of [
    '',
    `Seal fold 0 of ${board}\n\n`,
    `Seal fold 1 of ${board}a\n\n`,
    `Seal fold 1 of ${board}\n`,
    `x\nSeal fold 1 of ${board}\n\n`,
  ])
    assert.is(sealTitle(message), undefined, message)
})

test('a note is summed up by every name in it, also ones with quotation marks', () => {
  const key = 'A "b" \\ c:\u00e9'
  const note = `{"session":"s","subject":${JSON.stringify(key)},"time":"2025-11-12T00:00:01.000Z","type":"if-board.claim"}\n\nrecord {"author":"Ada","changes":[{"field":"id","from":"0","key":"b:1","to":"1"}],"kind":"edit","time":"2025-11-12T00:00:00.000Z"}\n`
  assert.equal(summarizeNote(note), {
    ...{
      events: 1,
      records: 1,
      keys: [key, 'b:1'],
      names: ['s', 'Ada'],
      types: ['claim', 'edit'],
      renames: [['b:1', 'b:0']],
    },
    ...{ from: '2025-11-12T00:00:00.000Z', until: '2025-11-12T00:00:01.000Z', size: 0 },
  })
  assert.is(toSessionName('s'), 's')
})

test.run()
