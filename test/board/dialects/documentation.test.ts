/** The samples of docs/dialects.md are read as the tables below them say. */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseBoard } from '../../../src/board/index.ts'
import { board, dependencyIds } from '../support.ts'

const page = readFileSync(new URL('../../../docs/dialects.md', import.meta.url), 'utf8')
const SAMPLE = /^```md\n([\s\S]*?)^```\n\n\| task \| status \| waits for \|\n\|---\|---\|---\|\n((?:\|.*\|\n)+)/gm
const samples = [...page.matchAll(SAMPLE)].map((found) => ({ text: found[1] as string, rows: found[2] as string }))

test('every sample of the page has its table of tasks', () => {
  assert.is(samples.length, 9)
  assert.is(page.match(/^```md$/gm)?.length, 9)
})

for (const { text, rows } of samples)
  test(`the sample that begins with ${JSON.stringify(text.split('\n')[0])} gives the tasks below it`, () => {
    const { board: found, diagnostics } = parseBoard(text, board)
    const read = found.tasks.map((task) => `| ${task.id} | ${task.status} | ${dependencyIds(task).join(', ')} |`)
    assert.equal(
      read.map((row) => row.replace('|  |', '| |')),
      rows.trim().split('\n'),
    )
    assert.equal(
      diagnostics.filter(({ code }) => code !== 'board/external-blocker'),
      [],
    )
  })

test.run()
