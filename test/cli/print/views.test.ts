import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lintText } from '../../../src/cli/print/lint.ts'
import { listText } from '../../../src/cli/print/list.ts'
import { COLOR_INK, fit, type Page, PLAIN_INK, table, wrap } from '../../../src/cli/print/page.ts'
import { parseText } from '../../../src/cli/print/parse.ts'
import { replayText } from '../../../src/cli/print/replay.ts'
import { showText } from '../../../src/cli/print/show.ts'
import { statusLines, statusText } from '../../../src/cli/print/status.ts'
import { whyText } from '../../../src/cli/print/why.ts'
import { stringWidth } from '../../../src/cli/terminal/string-width.ts'
import { toSessionName } from '../../../src/model/index.ts'
import { finish } from '../../../src/workflows/finish.ts'
import { claimTask } from '../../../src/workflows/next.ts'
import { lintFiles, parseFiles } from '../../../src/workflows/parse-files.ts'
import { list, show, status, why } from '../../../src/workflows/views.ts'
import { boardOf, fleet } from '../../support/fleet.ts'

const page = (width: number): Page => ({ width, ink: PLAIN_INK })
const [ann, bob] = [toSessionName('ann'), toSessionName('bob')]
const HOSTILE = '\u001b[31mred\u0007 \u202e日本語のとても長い題名がここにあります and more words that do not fit'

async function world() {
  const team = await fleet({
    kind: 'memory',
    board: boardOf(
      ['A'],
      ['B', 'AVAILABLE', 'A'],
      ['C', 'AVAILABLE', 'B'],
      ['D', 'AVAILABLE', 'the bank'],
      ['E'],
    ).replace('Do B', HOSTILE),
  })
  const { box } = await team.clone()
  await claimTask(box, { session: bob, task: 'E' })
  await finish(
    box,
    { session: bob, task: 'E' },
    { kind: 'completed', evidence: { branch: 'bob/e', note: 'see notes' } },
  )
  await claimTask(box, { session: ann, task: 'A' })
  await status(box)
  team.clock.advance(120_000)
  return { box, close: () => team.close() }
}

test('status is one screen', async () => {
  const { box, close } = await world()
  const text = statusText(await status(box), page(80))
  assert.is(
    text,
    [
      'TASK-BOARD.md',
      '██████░░░░░░░░░░░░░░░░░░░░░░░░ 20 %  1 of 5 tasks done',
      '● 1 claimed  · 3 blocked',
      '',
      'Sessions',
      '  ann  working 2 min  A  Do A  cost unknown  silent 2 min, free in 28 min',
      '  bob  waiting 2 min           cost unknown  silent 2 min',
      '',
      'Critical path 3h by the estimates',
      '  ●  A  Do A                                                  1h  claimed by ann',
      '  ·  B  [31mred 日本語のとても長い題名がここにあります and…   1h  blocked',
      '  ·  C  Do C                                                  1h  blocked',
      '',
      'Needs a person',
      '  D waits for: the bank',
      '    try: if-board unblock D',
      '',
    ].join('\n'),
  )
  await close()
})

test('no view is wider than the page or prints a control character of a board', async () => {
  const { box, close } = await world()
  const texts = async (at: Page) => [
    statusText(await status(box), at),
    listText(await list(box, { ready: false }), at),
    showText(await show(box, 'B'), at),
    showText(await show(box, 'E'), at),
    whyText(await why(box, 'C', bob), at),
    whyText(await why(box, 'D'), at),
  ]
  for (const width of [50, 80, 200])
    for (const text of await texts(page(width))) {
      assert.not.match(text.replace(/\n/g, ''), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
      for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, `${width}: ${line}`)
    }
  for (const text of await texts({ width: 80, ink: COLOR_INK }))
    assert.not.match(text.replace(/\u001b\[(?:1|2|22|3[1-6]|39)m|\n/g, ''), /[\u0000-\u001f]/)
  await close()
})

test('a list says for each task what the reader asks next', async () => {
  const { box, close } = await world()
  const lines = listText(await list(box, { ready: false }), page(100)).split('\n')
  assert.is(lines[0], `●  A  claimed  Do A${' '.repeat(lines[0]?.indexOf('ann') as number).slice(19)}ann`)
  assert.match(lines[1] ?? '', /^· {2}B {2}blocked {2}\[31mred 日.* after A$/)
  assert.match(lines[3] ?? '', /after "the bank"$/)
  assert.match(lines[4] ?? '', /^✓ {2}E {2}done .* bob$/)
  assert.is(lines[6], '5 tasks: 1 claimed, 3 blocked, 1 done')
  await close()
})

test('show tells the story, why tells the chain', async () => {
  const { box, close } = await world()
  const shown = showText(await show(box, 'E'), page(90))
  assert.match(shown, /Done +by bob, \d{4}-\d\d-\d\d \d\d:\d\d UTC, branch bob\/e/)
  assert.match(shown, 'Left behind  see notes')
  assert.match(shown, /UTC {2}bob {2}complete {2}see notes/)
  const explained = whyText(await why(box, 'C', bob), page(90))
  assert.match(explained, '· waits for B, blocked\n\nWhat it waits for\n')
  assert.match(explained, '    ● A Do A (claimed, ann)')
  await close()
})

test('a finding is printed as compilers do, with the next step below it', async () => {
  const bytes = new TextEncoder().encode(boardOf(['A', 'AVAILABLE', 'P9.9'], ['B', 'BLOCKED']))
  const report = await lintFiles([{ name: 'a/b.md', bytes }])
  assert.is(
    lintText(report, page(80)),
    [
      'a/b.md:5:26: error: `A` depends on `P9.9`, which no task has [board/unknown-dependency]',
      '  try: Correct the id, or add a task `P9.9`',
      'a/b.md:6:1: info: `B` says it is blocked, but nothing holds it [board/stale-status]',
      '  try: Correct the word or the dependencies; on a shared board a fold brings stale words in line',
      '',
      '1 error, 1 note',
      '',
    ].join('\n'),
  )
  assert.is(lintText({ diagnostics: [] }, page(80)), 'nothing to complain about\n')
  assert.match(
    parseText(await parseFiles([{ name: 'a/b.md', bytes }]), page(80)),
    '\n2 tasks: 1 blocked, 1 ready\n\na/b.md:5:26: error:',
  )
})

test('a replay stands beside its record', () => {
  const figures = {
    tasks: 28,
    completions: 28,
    duplicates: 0,
    completedTasks: 28,
    readyToClaimedSeconds: { median: 20, p90: 500, n: 28 },
    makespanSeconds: 2700,
    fillers: { tasks: 28, completions: 28, duplicates: 0 },
    notOnBoard: { tasks: 0, completions: 0 },
  }
  const text = replayText(
    {
      ...figures,
      recorded: {
        ...figures,
        completions: 51,
        duplicates: 24,
        readyToClaimedSeconds: { median: null, p90: null, n: 0 },
        notOnBoard: { tasks: 2, completions: 2 },
      },
      sessions: 7,
      startAt: '2025-11-12T10:57:05.000Z',
      pollSeconds: 5,
      durations: { known: 19, otherwiseSeconds: 250 },
      moves: { asked: 121, lost: 3 },
      unfinished: ['\u001b[1mX'],
    },
    page(100),
  )
  assert.match(text, /completions +51 +28\n/)
  assert.match(text, /duplicates +24 +0\n/)
  assert.match(text, /ready → claimed, median +- +20 s \(n = 28\)\n/)
  assert.match(text, 'Not finished: ?[1mX')
})

test('text is cut at columns, not at characters', () => {
  assert.is(fit('日本語', 5), '日本…')
  assert.is(fit('abc', 3), 'abc')
  assert.is(fit('abcd', 3), 'ab…')
  assert.is(fit('👍🏽👍🏽👍🏽', 5), '👍🏽👍🏽…')
  assert.is(fit('abc', 0), '')
})

test('a table gives room from its flexible column first, and long lines are wrapped at words', () => {
  const rows = [[{ text: 'id' }, { text: 'a long title that must give way' }, { text: 'somebody' }]]
  assert.equal(table(rows, page(30), 1, 0), ['id  a long title th…  somebody'])
  assert.equal(wrap('one two three four five', page(20)), ['one two three four', '  five'])
})

test('the status of any window has at most its lines, and no section leaves before it must', async () => {
  const { box, close } = await world()
  const { path, ...rest } = await status(box)
  const view = { ...rest, path: Array.from({ length: 30 }, () => path).flat() }
  for (let height = 1; height < 40; height += 1) {
    const lines = statusLines(view, page(60), height)
    assert.ok(lines.length <= height, `${lines.length} lines in ${height}`)
    if (height >= 15) assert.match(lines.join('\n'), /ann[\s\S]*bob[\s\S]*and \d+ more[\s\S]*unblock D/)
  }
  assert.not.match(statusLines(view, page(60), 200).join('\n'), 'more')
  const many = { ...view, totals: { ...view.totals, ready: 1e6, paused: 1e6 } }
  for (const line of statusLines(many, page(40), 60).slice(1, 5)) assert.ok(stringWidth(line) <= 40, line)
  await close()
})

test.run()
