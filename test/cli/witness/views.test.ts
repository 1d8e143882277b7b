/** What the commands of the log print, from one made-up day. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { COLOR_INK, type Page, PLAIN_INK } from '../../../src/cli/print/page.ts'
import { storyText } from '../../../src/cli/print/story.ts'
import { costCsv, costJson, costText } from '../../../src/cli/print/witness-cost.ts'
import { entryJson, logCsv, logText } from '../../../src/cli/print/witness-log.ts'
import { traceText } from '../../../src/cli/print/witness-trace.ts'
import { stringWidth } from '../../../src/cli/terminal/string-width.ts'
import { COST_GROUPS, costs } from '../../../src/workflows/witness/costs.ts'
import { type LogBook, lastEntries, openLog } from '../../../src/workflows/witness/log-book.ts'
import { taskStory } from '../../../src/workflows/witness/story.ts'
import { traceView } from '../../../src/workflows/witness/trace.ts'
import type { Fleet } from '../../support/fleet.ts'
import { golden } from '../golden.ts'
import { madeUpDay } from './day.ts'

const test = suite<{ team: Fleet; book: LogBook }>('views of the log')
const page = (width: number): Page => ({ width, ink: PLAIN_INK })
const TASKS = ['P0.2.3', 'P0.2.4', 'P0.2.5', 'P0.2.6', 'GONE']

test.before(async (context) => {
  const { team, clone } = await madeUpDay()
  context.team = team
  context.book = await openLog(clone.box)
})
test.after(({ team }) => team.close())

test('the story of a task is told in sentences', async ({ book }) => {
  const stories = await Promise.all(TASKS.map((id) => taskStory(book, id)))
  golden('witness-show', stories.map((story) => storyText(story, page(100))).join('\n'))
})

test('the sentence that people ask for comes from the events', async ({ book }) => {
  const text = storyText(await taskStory(book, 'P0.2.3'), page(200))
  const wanted =
    'session-4 claimed P0.2.3 at 02:37:14.023, matched 85 %, cost $12.50 over 47 seconds, completed, then claimed P0.2.4'
  assert.ok(text.split('\n').includes(wanted), text)
})

test('the log is one line for each entry', async ({ book }) => {
  const { entries } = await lastEntries(book, {}, 0)
  golden('witness-log', logText(entries, page(110)))
})

test('traces are drawn over one axis of time', async ({ book }) => {
  const whole = traceText(await traceView(book, undefined, undefined), page(100), true)
  const one = traceText(await traceView(book, 'P0.2.4', undefined), page(130), false)
  golden('witness-trace', `${whole}\n${one}`)
})

test('costs are summed by session, task, model and day', async ({ book }) => {
  const texts = await Promise.all(COST_GROUPS.map(async (by) => costText(await costs(book, { by }), page(100))))
  golden('witness-cost', texts.join('\n'))
})

test('no view is wider than the page, and none prints a control character', async ({ book }) => {
  const { entries } = await lastEntries(book, {}, 0)
  for (const width of [60, 80, 132]) {
    const texts = [
      logText(entries, page(width)),
      storyText(await taskStory(book, 'P0.2.3'), page(width)),
      traceText(await traceView(book, undefined, undefined), page(width), true),
      traceText(await traceView(book, 'P0.2.4', undefined), page(width), false),
    ]
    for (const line of texts.join('').split('\n')) {
      assert.not.match(line, /[\u0000-\u001f\u007f-\u009f\u202e]/)
      assert.ok(stringWidth(line) <= width, `${stringWidth(line)} columns: ${line}`)
    }
  }
  assert.not.match(logCsv(entries), /[\u0000-\u0009\u000b\u000c\u000e-\u001f]/)
})

test('colours are around what is shown, and change nothing of it', async ({ book }) => {
  const { entries } = await lastEntries(book, {}, 0)
  const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '')
  const view = await traceView(book, 'P0.2.4', undefined)
  for (const draw of [
    (ink: Page['ink']) => logText(entries, { width: 100, ink }),
    (ink: Page['ink']) => traceText(view, { width: 100, ink }, false),
  ]) {
    assert.is(plain(draw(COLOR_INK)), draw(PLAIN_INK))
    assert.match(draw(COLOR_INK), '\u001b[')
  }
})

test('csv has a header, and as many fields in each row', async ({ book }) => {
  const { entries } = await lastEntries(book, {}, 0)
  for (const text of [logCsv(entries), costCsv(await costs(book, { by: 'task' }))]) {
    const rows = text.split('\r\n').slice(0, -1)
    assert.ok(rows.length > 3)
    // No field of that day holds a comma within quotes.
    assert.equal([...new Set(rows.map((row) => row.split(',').length))].length, 1, text)
  }
})

test('as data an event is what its session signed, and a change of the boards what the seal says', async ({ book }) => {
  const { entries } = await lastEntries(book, {}, 0)
  for (const entry of entries) {
    const shown = JSON.parse(JSON.stringify(entryJson(entry)))
    if (entry.kind === 'event') assert.equal(shown.event, JSON.parse(JSON.stringify(entry.event)))
    else assert.equal(shown.record, JSON.parse(JSON.stringify(entry.record)))
    assert.is(shown.fold, entry.fold)
  }
})

test('as data sums are numbers in dollars', async ({ book }) => {
  const { total } = JSON.parse(JSON.stringify(costJson(await costs(book, { by: 'day' }))))
  assert.is(total.reportedUsd, 12.8)
  assert.is(total.reports, 3)
})

test.run()
