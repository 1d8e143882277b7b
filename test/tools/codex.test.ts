import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { find } from './installed.ts'
import { travel } from './journey.ts'
import { makeProject } from './project.ts'
import { getsNowhere } from './refused.ts'
import { worksThrough } from './through.ts'

const test = suite('Codex, the real one')
const found = find('codex')

async function nobodyTrusted(): Promise<void> {
  const project = await makeProject([{ id: 'T1', title: 'Write part 1' }], ['codex'])
  try {
    const { folder } = project
    const { exchanged, status } = await travel(project, { tool: 'codex', folder, hooks: 'not-trusted' })
    assert.is(status, 0)
    assert.is(exchanged.length, 1)
    assert.match(
      await project.ifBoard('doctor'),
      /hooks of codex: there, and none has fired in this clone yet: .*\/hooks/,
    )
  } finally {
    await project.remove()
  }
}

if ('skip' in found) console.log(`skip: ${found.skip}`)
else {
  test('from one start it works through a board by itself, and stops when the board is finished', () =>
    worksThrough('codex'))
  test('a session whose commits are refused is kept going as often as the guard allows, and then ends', () =>
    getsNowhere('codex'))
  test('hooks that nobody trusted do not run, Codex says nothing, and doctor says what to type', nobodyTrusted)
}

test.run()
