import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GUARD } from '../../src/workflows/hooks/stop-rule.ts'
import { find } from './installed.ts'
import { travel } from './journey.ts'
import { makeProject, type Project } from './project.ts'
import { worksThrough } from './through.ts'

const test = suite('Codex, the real one')
const found = find('codex')
const ROWS = [{ id: 'T1', title: 'Write part 1' }]

async function inProject(work: (project: Project) => Promise<void>): Promise<void> {
  const project = await makeProject(ROWS, ['codex'])
  try {
    await work(project)
  } finally {
    await project.remove()
  }
}

async function failsAlways(): Promise<void> {
  await inProject(async (project) => {
    const hook = join(project.folder, '.git', 'hooks', 'pre-commit')
    await writeFile(hook, '#!/bin/sh\necho "the style is wrong" >&2\nexit 1\n', { mode: 0o755 })
    const { exchanged, status, printed } = await travel(project, { tool: 'codex', folder: project.folder })
    assert.is(status, 0, printed)
    assert.is(exchanged.filter(({ reply }) => reply.kind === 'run').length, GUARD)
    assert.match(await project.ifBoard('show', 'T1'), /claimed/)
  })
}

async function nobodyTrusted(): Promise<void> {
  await inProject(async (project) => {
    const { folder } = project
    const { exchanged, status } = await travel(project, { tool: 'codex', folder, hooks: 'not-trusted' })
    assert.is(status, 0)
    assert.is(exchanged.length, 1)
    assert.match(
      await project.ifBoard('doctor'),
      /hooks of codex: there, and none has fired in this clone yet: .*\/hooks/,
    )
  })
}

if ('skip' in found) console.log(`skip: ${found.skip}`)
else {
  test('from one start it works through a board by itself, and stops when the board is finished', () =>
    worksThrough('codex'))
  test('a session whose commits are refused is kept going as often as the guard allows, and then ends', failsAlways)
  test('hooks that nobody trusted do not run, Codex says nothing, and doctor says what to type', nobodyTrusted)
}

test.run()
