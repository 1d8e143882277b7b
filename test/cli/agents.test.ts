import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeWorld, type World } from './world.ts'

const test = suite<{ world: World }>('init --agents and uninstall')
const ALL = 'claude-code,codex,gemini-cli,cursor,copilot-cli,opencode'

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

/** Every file of the work tree with its text. */
async function portrait(folder: string): Promise<Record<string, string>> {
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true })).flatMap((entry) =>
    entry.isFile() && !`${entry.parentPath}/`.includes('/.git/') ? [join(entry.parentPath, entry.name)] : [],
  )
  const texts = await Promise.all(
    paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const),
  )
  return Object.fromEntries(texts)
}

test('all tools get their files, a second time changes nothing, and uninstall leaves what was there', async ({
  world,
}) => {
  const folder = await world.clone('all')
  await mkdir(join(folder, '.claude'))
  await mkdir(join(folder, '.gemini'))
  await writeFile(join(folder, '.claude', 'settings.json'), '{\n  // mine\n  "permissions": {}\n}\n')
  await writeFile(join(folder, '.gemini', 'settings.json'), '{"ui": {"theme": "x"}}')
  await writeFile(join(folder, 'CLAUDE.md'), '# For Claude\n')
  await writeFile(join(folder, 'Agents.md'), '# How we work\n\nIn small steps.\n')
  await world.git(folder, 'add', '--all')
  await world.git(folder, 'commit', '--quiet', '--message=settings')
  const before = await portrait(folder)

  const dry = await world.run(folder, ['init', '--local', '--agents', ALL, '--dry-run'])
  assert.is(dry.status, 0, dry.stderr)
  assert.match(dry.stdout, 'Would be made: .codex/hooks.json')
  assert.match(dry.stdout, /^ {2}\+.*if-board hook stop --tool claude-code/m)
  assert.equal(await portrait(folder), before, 'nothing was written')

  const made = await world.run(folder, ['init', '--local', '--agents', ALL])
  assert.is(made.status, 0, made.stderr)
  const after = await portrait(folder)
  assert.equal(
    Object.keys(after).filter((path) => before[path] === undefined),
    [
      '.agents/skills/if-board/SKILL.md',
      '.claude/skills/if-board/SKILL.md',
      '.codex/hooks.json',
      '.cursor/hooks.json',
      '.github/hooks/if-board.json',
      '.opencode/plugins/if-board.js',
    ],
  )
  assert.match(after['.claude/settings.json'] ?? '', '// mine')
  assert.match(after['.gemini/settings.json'] ?? '', '"theme": "x"')
  const block = after['Agents.md'] ?? ''
  assert.ok(block.startsWith(before['Agents.md'] ?? '?'))
  const lines = block.split('\n')
  const length =
    lines.findIndex((line) => line.includes('if-board:end')) -
    lines.findIndex((line) => line.includes('if-board:begin')) +
    1
  assert.ok(length > 5 && length <= 25, `${length} lines`)
  assert.match(after['CLAUDE.md'] ?? '', /^@Agents\.md$/m)

  const again = JSON.parse((await world.run(folder, ['init', '--local', '--agents', ALL, '--json'])).stdout)
  assert.equal(again.agents.files, [])
  assert.equal(await portrait(folder), after)

  const gone = await world.run(folder, ['uninstall', '--all'])
  assert.is(gone.status, 0, gone.stderr)
  assert.equal(await portrait(folder), before)
})

test('settings that are no JSON are left alone with a line that says where, and the others are written', async ({
  world,
}) => {
  const folder = await world.clone('broken')
  await mkdir(join(folder, '.claude'))
  const broken = '{\n  "hooks": {\n<<<<<<< ours\n'
  await writeFile(join(folder, '.claude', 'settings.json'), broken)
  const { status, stdout } = await world.run(folder, ['init', '--local', '--agents', 'claude-code,codex'])
  assert.is(status, 0)
  assert.match(stdout, /Left alone: \.claude\/settings\.json: it is no valid JSON: .* in line 3/)
  const after = await portrait(folder)
  assert.is(after['.claude/settings.json'], broken)
  assert.match(after['.codex/hooks.json'] ?? '', 'hook stop --tool codex')
})

test('a link out of the project and a file of somebody else are not written over', async ({ world }) => {
  const folder = await world.clone('links')
  const outside = join(world.root, 'outside.json')
  await writeFile(outside, '{}')
  await mkdir(join(folder, '.codex'))
  await symlink(outside, join(folder, '.codex', 'hooks.json'))
  await mkdir(join(folder, '.opencode', 'plugins'), { recursive: true })
  await writeFile(join(folder, '.opencode', 'plugins', 'if-board.js'), '// mine')
  const { stdout } = await world.run(folder, ['init', '--local', '--agents', 'codex,opencode'])
  assert.match(stdout, 'Left alone: .codex/hooks.json: it is a link that leads out of the project')
  assert.match(stdout, 'Left alone: .opencode/plugins/if-board.js: somebody else wrote it')
  assert.is(await readFile(outside, 'utf8'), '{}')
})

test('auto finds the tools that show in the project; without a wish nothing is written', async ({ world }) => {
  const folder = await world.clone('auto')
  await mkdir(join(folder, '.codex'))
  const plain = JSON.parse((await world.run(folder, ['init', '--local', '--json'])).stdout)
  assert.equal(plain.agents, { tools: [], files: [], leftAlone: [] })
  const auto = JSON.parse((await world.run(folder, ['init', '--local', '--agents', 'auto', '--json'])).stdout)
  assert.ok(auto.agents.tools.includes('codex'))
  assert.not.ok(auto.agents.tools.includes('cursor'))
  const { status, stderr } = await world.run(folder, ['init', '--local', '--agents', 'emacs'])
  assert.is(status, 2)
  assert.match(stderr, 'claude-code, codex')
})

test('CLAUDE.md that names the instructions already, or is the same file, stays as it is', async ({ world }) => {
  const folder = await world.clone('imports')
  await writeFile(join(folder, 'AGENTS.md'), '# Work\n')
  await symlink('AGENTS.md', join(folder, 'CLAUDE.md'))
  await world.run(folder, ['init', '--local', '--agents', 'claude-code'])
  assert.not.match(await readFile(join(folder, 'CLAUDE.md'), 'utf8'), '@AGENTS.md')
  const other = await world.clone('imports-too')
  await writeFile(join(other, 'CLAUDE.md'), 'See @AGENTS.md\n')
  await world.run(other, ['init', '--local', '--agents', 'claude-code'])
  assert.is(await readFile(join(other, 'CLAUDE.md'), 'utf8'), 'See @AGENTS.md\n')
})

test('doctor says which hooks are there, whether they fire, and what they call', async ({ world }) => {
  const folder = await world.clone('doctor')
  await world.run(folder, ['init', '--local'])
  const look = async (environment = {}) => {
    const { checks } = JSON.parse((await world.run(folder, ['doctor', '--json'], environment)).stdout)
    return new Map<string, { ok: boolean; message: string }>(
      checks.flatMap((check: { name: string }) => (check.name.startsWith('hooks') ? [[check.name, check]] : [])),
    )
  }
  assert.is((await look()).size, 0)
  await world.run(folder, ['init', '--local', '--agents', 'codex,opencode'])
  const bin = join(world.root, 'on-path')
  await mkdir(bin)
  const PATH = `${bin}:${process.env.PATH}`
  await writeFile(join(bin, 'if-board'), `#!/bin/sh\nexec '${process.execPath}' '${world.program}' "$@"\n`, {
    mode: 0o755,
  })
  const fresh = await look({ PATH })
  assert.match(fresh.get('hooks')?.message ?? '', /on-path\/if-board, which starts in \d+ ms/)
  assert.match(fresh.get('hooks of codex')?.message ?? '', 'none has fired')
  const input = JSON.stringify({ session_id: 's', source: 'startup' })
  await world.feed(folder, ['hook', 'start', '--tool', 'codex'], input)
  assert.match((await look({ PATH })).get('hooks of codex')?.message ?? '', /live: the last one fired \d+ s ago/)
  await writeFile(
    join(folder, '.codex', 'hooks.json'),
    '{"hooks": {"Stop": [{"hooks": [{"command": "if-board hook stop --tool codex"}]}]}}',
  )
  assert.is((await look({ PATH })).get('hooks of codex')?.ok, false)
})

test.run()
