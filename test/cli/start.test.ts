import { spawn } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readGlobals } from '../../src/cli/globals.ts'
import { nearest } from '../../src/cli/near.ts'
import { completionScript, SHELLS } from '../../src/cli/print/completion.ts'
import { toolSession } from '../../src/cli/tool-session.ts'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World }>('how the command line starts')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

test('next on a board that did not change loads no parser of markdown or YAML', async ({ world }) => {
  const folder = await world.clone('warm')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD })
  const args = ['next', '--session', 'session-4']
  const heavy = /node_modules\/(yaml|mdast|micromark|unified|remark|unist|isomorphic-git|chokidar|readdirp)/
  assert.ok(
    (await world.sourcesLoadedBy(folder, args)).some((path) => heavy.test(path)),
    'the first reading has to parse, or this test sees nothing',
  )
  const warm = await world.sourcesLoadedBy(folder, args)
  assert.ok(warm.includes('src/workflows/next.ts'))
  assert.equal(
    warm.filter((path) => heavy.test(path)),
    [],
  )
})

test('a granted next starts at most four git commands', async ({ world }) => {
  const folder = await world.clone('count')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD })
  const ask = async (...args: string[]) => (await world.run(folder, [...args, '--session', 'one', '--debug'])).stderr
  await ask('next', '--peek')
  const loaded = await world.sourcesLoadedBy(folder, ['next', '--session', 'two'])
  assert.not.ok(
    loaded.some((path) => path.includes('simple-git')),
    'a claim on a local authority loads simple-git',
  )
  const count = Number(/(\d+) git commands/.exec(await ask('next'))?.[1])
  assert.ok(count >= 1 && count <= 4, `${count}`)
})

test('a reader that goes away is no failure', async ({ world }) => {
  const folder = await world.clone('pipe')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD })
  const shell = spawn('bash', ['-c', `set -o pipefail; node '${world.program}' list 2>err | true; cat err`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of shell.stdout) text += chunk
  assert.is(text, '')
})

test('options before and behind the command are the same', () => {
  const wanted = { command: 'claim', json: true, session: 'a' }
  for (const args of [
    ['--json', '--session', 'a', 'claim', 'X'],
    ['claim', 'X', '--session=a', '--json'],
  ]) {
    const { command, json, session } = readGlobals(args)
    assert.equal({ command, json, session }, wanted)
  }
  assert.is(readGlobals(['claim', '--', '--json']).json, false, 'behind `--` stand ids')
})

test('a tool’s session is told by its own variable, and a tool inside a tool is another session', () => {
  assert.is(toolSession({ TERM_SESSION_ID: 'x', CURSOR_TRACE_ID: 'y', CODEX_THREAD_ID: '' }), undefined)
  const outer = toolSession({ CLAUDE_CODE_SESSION_ID: '1' })
  const older = toolSession({ CLAUDE_SESSION_ID: '1' })
  const inner = toolSession({ CLAUDE_CODE_SESSION_ID: '1', CODEX_THREAD_ID: '2' })
  assert.is(outer?.id, older?.id)
  assert.is.not(outer?.id, inner?.id)
  assert.is(toolSession({ CLAUDE_CODE_SESSION_ID: '2' })?.id === outer?.id, false)
})

test('the nearest word is near', () => {
  assert.is(nearest('nxt', ['next', 'note']), 'next')
  assert.is(nearest('comp', ['claim', 'completion']), 'completion')
  assert.is(nearest('xyzzy', ['next', 'note']), undefined)
})

test('completion scripts are ones that their shells accept, and know the second word of a command', async () => {
  const commands = [
    { name: 'next', summary: "it's next", options: ['--wait', '--json'] },
    { name: 'show', summary: 'a task', options: ['--plain'] },
    { name: 'witness log', summary: 'what happened', options: ['--limit', '--json'] },
    { name: 'witness show', summary: 'a story', options: ['--json'] },
  ]
  for (const shell of SHELLS)
    for (const word of ['next', 'witness', 'log']) assert.match(completionScript(shell, commands), word)
  const typed = [
    'next --w',
    'n',
    'w',
    'witness ',
    'witness l',
    'witness --json s',
    'witness log --l',
    'show --',
    'nonsense ',
  ]
  const script = typed.map((line) => {
    const words = ['if-board', ...line.split(' ')].map((word) => `'${word}'`)
    return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _if_board; echo "\${COMPREPLY[@]}"`
  })
  const bash = spawn('bash', ['-c', `${completionScript('bash', commands)}\n${script.join('\n')}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of bash.stdout) text += chunk
  assert.equal(text.split('\n').slice(0, -1), [
    '--wait',
    'next',
    'witness',
    'log show',
    'log',
    'show',
    '--limit',
    '--plain',
    '',
  ])
})

test.run()
