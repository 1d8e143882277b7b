/** A hook says where the conversation is written, and what that used is counted at every hook. */
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeWorld, putBoards, type World } from '../world.ts'
import { fakeTool, type ToolName } from './fake-tool.ts'

const BOARD = `# Board

| ID | Task | Status |
|----|------|--------|
| A1 | Write the parser | AVAILABLE |
| A2 | Write the printer | AVAILABLE |
`

const test = suite<{ world: World }>('costs by hooks')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

const ID = '0199aa11-2222-7333-8444-555566667777'

/** One message of so many tokens, or the total after it, as each tool writes it down. */
const LINES: Partial<Record<ToolName, (id: string, tokens: number) => object>> = {
  'claude-code': (id, output_tokens) => ({ type: 'assistant', message: { id, model: 'm', usage: { output_tokens } } }),
  codex: (_id, output_tokens) => ({
    type: 'event_msg',
    payload: { type: 'token_count', info: { total_token_usage: { output_tokens } } },
  }),
  'gemini-cli': (id, output) => ({ type: 'gemini', id, model: 'm', tokens: { output } }),
}

for (const [name, lineOf] of Object.entries(LINES) as [ToolName, (id: string, tokens: number) => object][])
  test(`${name}: the transcript that its hooks name is read at each of them, and said with the end of the task`, async ({
    world,
  }) => {
    const folder = await world.clone(`costs-${name}`)
    await putBoards(folder, { 'TASK-BOARD.md': BOARD })
    const path = join(folder, `rollout-${ID}.jsonl`)
    const told = { transcript_path: path }
    const say = (id: string, tokens: number) => appendFile(path, `${JSON.stringify(lineOf(id, tokens))}\n`)
    const running = async () => {
      const { stdout } = await world.run(folder, ['status', '--json'])
      return JSON.parse(stdout).sessions[0].cost
    }
    await writeFile(path, '')
    await say('a', 1000)
    const session = fakeTool(world, name, folder, ID)
    await session.fire('start', told)
    assert.match((await session.fire('stop', told)).text ?? '', 'TASK A1')
    await say('b', name === 'codex' ? 1007 : 7)
    await session.fire('end', told)
    assert.equal(await running(), [{ of: 'held', source: 'transcript', usd: null, inputTokens: 0, outputTokens: 7 }])
    await world.run(folder, ['done', 'A1', '--session', await nameOf(world, folder)])
    assert.equal(await running(), [{ of: 'ended', source: 'transcript', usd: null, inputTokens: 0, outputTokens: 7 }])
  })

async function nameOf(world: World, folder: string): Promise<string> {
  const { stdout } = await world.run(folder, ['status', '--json'])
  return JSON.parse(stdout).sessions[0].name
}

test.run()
