/** A session that works and gets nowhere: whatever it commits is refused. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { GUARD } from '../../src/workflows/hooks/stop-rule.ts'
import type { ToolName } from './installed.ts'
import { travel } from './journey.ts'
import { makeProject } from './project.ts'
import { keepTranscript } from './transcript.ts'

export async function getsNowhere(tool: ToolName): Promise<void> {
  const project = await makeProject([{ id: 'T1', title: 'Write part 1' }], [tool])
  try {
    const hook = join(project.folder, '.git', 'hooks', 'pre-commit')
    await writeFile(hook, '#!/bin/sh\necho "the style is wrong" >&2\nexit 1\n', { mode: 0o755 })
    const journey = await travel(project, { tool, folder: project.folder })
    await keepTranscript(`${tool}-refused`, [journey])
    assert.is(journey.status, 0, journey.printed)
    const runs = journey.exchanged.filter(({ reply }) => reply.kind === 'run')
    assert.is(runs.length, GUARD, 'a command that fails is a sign of work, and the guard counts it')
    assert.match(await project.ifBoard('show', 'T1'), /claimed/)
  } finally {
    await project.remove()
  }
}
