import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World }>('lint on the command line')
test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

async function lint(world: World, folder: string, ...args: string[]) {
  const { status, stdout } = await world.run(folder, ['lint', ...args, '--json'])
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; file: string; line: number }[] }
  return { status, found: diagnostics.map(({ code, file, line }) => `${file}:${line} ${code}`) }
}

test('files of one project are looked at together, and information alone is no failure', async ({ world }) => {
  const folder = join(world.root, 'files')
  await mkdir(join(folder, 'boards'), { recursive: true })
  await writeFile(join(folder, 'boards', 'a.md'), BOARD)
  await writeFile(
    join(folder, 'boards', 'b.md'),
    BOARD.replace('| A2 | Write the printer | 🔵 AVAILABLE | A1 |\n| A3 ', '| B2 '),
  )
  assert.equal(await lint(world, folder, 'boards/a.md'), { status: 0, found: ['boards/a.md:6 board/stale-status'] })
  const both = await lint(world, folder, 'boards/a.md', 'boards/b.md')
  assert.equal(both, { status: 6, found: ['boards/a.md:6 board/stale-status', 'boards/b.md:5 board/same-id'] })
})

test('two spellings of agents.md are found beside a file and on the branch', async ({ world }) => {
  const folder = await world.clone('agents')
  for (const name of ['agents.md', 'AGENTS.md', 'board.md']) await writeFile(join(folder, name), BOARD)
  await putBoards(folder, { 'TASKS.md': BOARD, 'AGENTS.md': '# One\n', 'agents.md': '# Two\n' })
  const onBranch = await lint(world, folder)
  assert.is(onBranch.status, 6)
  assert.ok(onBranch.found.includes('AGENTS.md:1 board/two-agents-files'), onBranch.found.join('\n'))
  if (!(await readdir(folder)).includes('AGENTS.md')) return // the file system knows one spelling only
  assert.is((await lint(world, folder, 'board.md')).found[0], 'AGENTS.md:1 board/two-agents-files')
})

test.run()
