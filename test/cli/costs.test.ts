/** Costs from end to end: a coding tool's transcript, the real commands and the MCP connection, `witness cost`. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { call, makeProject, type Project } from '../mcp/support.ts'

const ID = '0199aa11-2222-7333-8444-555566667777'
const BOARD = `# Board

| ID | Task | Status |
|----|------|--------|
| A1 | Write the parser | AVAILABLE |
| A2 | Write the printer | AVAILABLE |
| A3 | Write the manual | AVAILABLE |
`

const test = suite<{ project: Project; transcript: string }>('costs of tasks')

test.before.each(async (context) => {
  context.project = await makeProject({ 'TASK-BOARD.md': BOARD })
  const folder = join(context.project.folder, '.claude', 'projects', 'shop')
  await mkdir(folder, { recursive: true })
  context.transcript = join(folder, `${ID}.jsonl`)
  await writeFile(context.transcript, line('a', 'claude-opus-4-5-20251101', 1_000_000))
  Object.assign(context.project.environment, { CLAUDE_CODE_SESSION_ID: ID })
})
test.after.each(({ project }) => project.remove())

function line(id: string, model: string, output_tokens: number): string {
  return `${JSON.stringify({ type: 'assistant', message: { id, model, usage: { input_tokens: 0, output_tokens } } })}\n`
}

test('commands that a coding tool runs say what the task has cost it, in dollars of the package’s table', async ({
  project,
  transcript,
}) => {
  await project.json('next')
  await appendFile(transcript, line('b', 'claude-opus-4-5-20251101', 100_000))
  await project.json('done')
  const { rows, total } = await project.json('witness', 'cost', '--by', 'task')
  assert.equal(
    rows.map(({ name, transcriptUsd, reportedUsd }: Record<string, unknown>) => [name, transcriptUsd, reportedUsd]),
    [['A1', 2.5, 0]],
  )
  assert.equal([total.outputTokens, total.unpricedReports], [100_000, 0])
})

test('own prices stand before those of the package; a file that is none leaves tokens', async ({
  project,
  transcript,
}) => {
  const prices = join(project.folder, 'prices.json')
  Object.assign(project.environment, { IF_BOARD_PRICES: prices })
  await writeFile(prices, JSON.stringify({ models: { 'claude-opus-4-5': { input: 0, output: 1 } } }))
  await project.json('next')
  await appendFile(transcript, line('b', 'claude-opus-4-5', 1_000_000))
  await project.json('done')
  await writeFile(prices, 'no table')
  await project.json('next')
  await appendFile(transcript, line('c', 'my-model', 7))
  await project.json('done')
  const { rows } = await project.json('witness', 'cost', '--by', 'task')
  const shown = rows.map(({ name, transcriptUsd, outputTokens, unpricedReports }: Record<string, unknown>) => [
    name,
    transcriptUsd,
    outputTokens,
    unpricedReports,
  ])
  assert.equal(shown, [
    ['A1', 1, 1_000_000, 0],
    ['A2', 0, 7, 1],
  ])
})

test('over MCP the same tool has the same transcript, and what it reports itself counts first', async ({
  project,
  transcript,
}) => {
  const client = await project.connect({ name: 'claude-code' })
  await call(client, 'next')
  await appendFile(transcript, line('b', 'claude-opus-4-5', 1_000_000))
  assert.is((await call(client, 'done')).kind, 'completed')
  await call(client, 'next')
  await appendFile(transcript, line('c', 'claude-opus-4-5', 1_000_000))
  await call(client, 'done', { cost: 3 })
  assert.is((await project.json('next')).kind, 'granted', 'its commands go on as the same session')
  const { total } = await project.json('witness', 'cost')
  assert.equal([total.transcriptUsd, total.reportedUsd, total.reports], [25, 3, 2])
  const { sessions } = await project.json('status')
  assert.is(sessions.length, 1)
})

test.run()
