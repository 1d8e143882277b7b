/** This project's own board, page and guide, read by if-board itself. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nextTasksPage } from '../../scripts/readme-next-tasks.mjs'
import { parsePins } from '../../src/board/pins.ts'
import { parseRoster } from '../../src/board/roster.ts'
import { lintFiles, parseFiles, type SourceFile } from '../../src/workflows/parse-files.ts'

const ROOT = new URL('../../', import.meta.url)
const BOARD = 'docs/TASK-BOARD.md'

async function source(name: string): Promise<SourceFile> {
  return { name, bytes: await readFile(new URL(name, ROOT)) }
}

for (const name of ['agents.md', 'AUTONOMOUS-NEXT-TASKS.md', BOARD]) {
  test(`lint finds nothing, not even a note, in ${name}`, async () => {
    assert.equal((await lintFiles([await source(name)])).diagnostics, [])
  })
}

test('the own board has open tasks, some of them ready, each with an estimate and a deliverable', async () => {
  const { tasks, diagnostics } = await parseFiles([await source(BOARD)])
  assert.equal(diagnostics, [])
  assert.ok(tasks.length >= 20, `${tasks.length} tasks`)
  assert.ok(tasks.some(({ status }) => status === 'ready'))
  for (const { id, estimateMinutes, deliverable, externalBlockers } of tasks) {
    assert.ok(typeof estimateMinutes === 'number' && estimateMinutes > 0, `${id} has no estimate`)
    assert.ok(deliverable, `${id} has no deliverable`)
    assert.equal(externalBlockers, [], id)
  }
})

test('a plain page of instructions holds no task, and its example pins nobody', async () => {
  const files = [await source('agents.md'), await source('AUTONOMOUS-NEXT-TASKS.md')]
  assert.equal((await parseFiles(files)).tasks, [])
  assert.equal(parsePins(new TextDecoder().decode(files[1]?.bytes)).pins, [])
})

test('the roster of agents.md is read', async () => {
  const rows = parseRoster(await readFile(new URL('agents.md', ROOT), 'utf8'))
  assert.ok(rows.length >= 3)
  for (const { session, capabilities } of rows) assert.ok(capabilities.length > 0, session)
})

test('links of the guides lead to files that are there', async () => {
  for (const page of ['README.md', 'agents.md', 'AUTONOMOUS-NEXT-TASKS.md', 'docs/troubleshooting.md']) {
    const text = await readFile(new URL(page, ROOT), 'utf8')
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[\w-]*)?\)/g)].map(([, target = '']) => target)
    for (const target of targets) assert.ok(existsSync(new URL(target, new URL(page, ROOT))), `${page} → ${target}`)
  }
})

test('the generated part of the own page is what a fold writes (node scripts/readme-next-tasks.mjs)', async () => {
  assert.is(await readFile(new URL('AUTONOMOUS-NEXT-TASKS.md', ROOT), 'utf8'), await nextTasksPage())
})

test.run()
