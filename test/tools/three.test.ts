import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { find, type ToolName } from './installed.ts'
import { travel } from './journey.ts'
import { makeProject, type Row } from './project.ts'
import { keepTranscript } from './transcript.ts'

const test = suite('Claude Code, Codex and Gemini CLI, the real ones, at once')
const TOOLS: readonly ToolName[] = ['claude-code', 'codex', 'gemini-cli']
const missing = TOOLS.map(find).find((found) => 'skip' in found)

const ROWS: readonly Row[] = Array.from({ length: 18 }, (_, at) => ({
  id: `T${at + 1}`,
  title: `Write part ${at + 1}`,
}))

/** One that starts fast would do all the work before another one has started. */
function together(count: number): () => Promise<void> {
  let arrived = 0
  let open: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    arrived += 1
    if (arrived === count) open()
    return all
  }
}

async function threeAtOnce(): Promise<void> {
  const project = await makeProject(ROWS, TOOLS)
  try {
    // A work tree each. One after the other: git cannot add two at once to one repository.
    const folders: string[] = []
    for (const tool of TOOLS) {
      const folder = join(project.world.root, `shop-${tool}`)
      await project.world.git(project.folder, 'worktree', 'add', '--quiet', '-b', tool, folder)
      folders.push(folder)
    }
    const begin = together(TOOLS.length)
    const journeys = await Promise.all(
      TOOLS.map((tool, at) => travel(project, { tool, folder: folders[at] as string, begin })),
    )
    await keepTranscript('three', journeys)
    for (const { tool, status, ms, printed } of journeys) assert.is(status, 0, `${tool} after ${ms} ms: ${printed}`)
    const ran = journeys.map(({ exchanged }) => exchanged.filter(({ reply }) => reply.kind === 'run').length)
    assert.is(
      ran.reduce((sum, count) => sum + count, 0),
      ROWS.length,
      `nothing was begun twice: ${ran}`,
    )
    assert.ok(
      ran.every((count) => count > 0),
      `each had its share: ${ran}`,
    )
    const log = await project.log()
    const done = log.filter(({ type }) => type === 'complete')
    assert.equal(done.map(({ task }) => task).sort(), ROWS.map(({ id }) => id).sort())
    assert.is(new Set(done.map(({ session }) => session)).size, TOOLS.length, 'a session each')
    await project.ifBoard('witness', 'verify', '--level', 'audit')
  } finally {
    await project.remove()
  }
}

if (missing !== undefined && 'skip' in missing) console.log(`skip: ${missing.skip}`)
else test('three tools at once work through one board, and every task is done once', threeAtOnce)

test.run()
