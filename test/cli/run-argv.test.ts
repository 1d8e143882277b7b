/** `if-board run -- …` from a terminal, on real git with real programs: what runs, what is refused, what the log says. */
import { existsSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Answer, BOARD, CONFIG, makeWorld, push, putBoards, type World } from './world.ts'

const test = suite<{ world: World; folder: string; run: (...args: string[]) => Promise<Answer> }>(
  'commands of the machine',
)
let made = 0

test.before(async (context) => {
  context.world = await makeWorld()
})
test.before.each(async (context) => {
  made += 1
  const { world } = context
  const folder = await world.clone(`clone-${made}`)
  await putBoards(folder, { 'TASKS.md': BOARD })
  context.folder = folder
  context.run = (...args) => world.run(folder, [...args, ...(args.includes('--') ? [] : ['--session', 'ann'])])
})
test.after((context) => context.world.remove())

const me = ['--session', 'ann']

/** These lines behind the settings in place of those of before, and these files on the branch, as a person pushes them. */
function settle(world: World, folder: string, text: string, files: Record<string, string> = {}): Promise<void> {
  const settings = (before: string) =>
    `${before.replace(/commands:[\s\S]*/, '').replace('maxTasks: 1', 'maxTasks: 2')}${text}`
  return push(world, folder, { [CONFIG]: settings, ...files })
}

/** A session that may run commands, and holds A1. */
async function holding(run: (...args: string[]) => Promise<Answer>): Promise<void> {
  await run('join', 'ann', '--can', 'system.process.execute')
  assert.is((await run('claim', 'A1')).status, 0)
}

const WORDS = 'commands:\n  words: {program: wc, grammar: {runs: itself, flags: {-l: true}, args: [path]}}\n'

test('nothing runs until the settings grant it, the session may, and a person has said which file it is', async ({
  world,
  folder,
  run,
}) => {
  await writeFile(join(folder, 'lines'), 'a\nb\n')
  await run('join', 'ann')
  await run('claim', 'A1')
  const refusal = async () => {
    const { status, stdout } = await run('run', ...me, '--json', '--', 'wc', '-l', 'lines')
    return [status, JSON.parse(stdout).refused?.rule]
  }
  assert.equal(await refusal(), [5, 'executor-off'])
  await settle(world, folder, WORDS)
  assert.equal(await refusal(), [5, 'capability'])
  await run('join', 'ann', '--can', 'system.process.execute')
  assert.equal(await refusal(), [5, 'pin'])
  const pinned = await run('run', '--pin', 'words')
  assert.match(pinned.stdout, /^words: wc is \/.*\nSHA-256 [0-9a-f]{64}\n$/)
  const { status, stdout, stderr } = await run('run', ...me, '--', 'wc', '-l', 'lines')
  assert.is(status, 0, stderr)
  assert.match(stdout, /^2 lines\nwords: completed after \d+ ms \(process-group/)
  const pins = join(folder, '.git', 'if-board', 'commands.json')
  if (process.platform !== 'win32') assert.is((await stat(pins)).mode & 0o777, 0o600)
})

test('every run and every denial is in the log, with its reason and without what was written', async ({
  world,
  folder,
  run,
}) => {
  await settle(world, folder, WORDS)
  await writeFile(join(folder, 'lines'), 'hunter2\n')
  await holding(run)
  await run('run', '--pin', 'words')
  const secret = `AKIA${'QWERTYUIOPASDFGH'}`
  await run('run', ...me, '--', 'wc', '-l', 'lines')
  await run('run', ...me, '--', 'wc', '-l', 'none')
  for (const words of [['-c', 'lines'], ['-c', 'lines'], ['-l', '../x'], [`--files0-from=${secret}`]])
    await run('run', ...me, '--', 'wc', ...words)
  await run('note', 'A1', 'push')
  const log = async (type: string) => (await run('witness', 'log', '--type', type, '--json')).stdout
  const executed = await log('executed')
  assert.match(executed, /"command":"words".*"program":"wc".*"words":"-l lines"/s)
  assert.match(executed, /"outcome":"exit"/)
  assert.match((await run('witness', 'show', 'A1')).stdout, /ann ran a command at [\d:.]+: “completed: wc -l lines”/)
  assert.is(executed.match(/"sha256":"[0-9a-f]{64}"/g)?.length, 2)
  const denied = await log('denied')
  assert.is(denied.match(/"rule":"command"/g)?.length, 3, 'the same words are the same denial')
  assert.match(denied, /the flag `-c` is not listed/)
  assert.not.match(executed + denied, /hunter2/)
  assert.not.match(executed + denied, new RegExp(secret))
})

test('where nothing keeps a program from the network, the proxy that it was told of is called advisory', async ({
  world,
  folder,
  run,
}) => {
  const told = 'network: host, set: {HTTP_PROXY: "http://127.0.0.1:1"}'
  await settle(world, folder, `${WORDS.trimEnd().slice(0, -1)}, ${told}}\n`)
  await writeFile(join(folder, 'lines'), 'a\n')
  await holding(run)
  await run('run', '--pin', 'words')
  assert.match(
    (await run('run', ...me, '--', 'wc', '-l', 'lines')).stdout,
    /words: completed.*\nThe proxy was advisory/,
  )
  assert.is(JSON.parse((await run('run', ...me, '--json', '--', 'wc', '-l', 'lines')).stdout).proxy, 'advisory')
  await run('note', 'A1', 'push')
  assert.match((await run('witness', 'show', 'A1')).stdout, /“completed: wc -l lines” \(its proxy was advisory\)/)
  assert.match((await run('witness', 'log', '--type', 'executed', '--json')).stdout, /"proxy":"advisory"/)
  assert.is((await run('witness', 'verify')).status, 0)
})

test('only who holds a task runs commands for it, and says which where it holds several', async ({
  world,
  folder,
  run,
}) => {
  await settle(world, folder, WORDS)
  await run('join', 'ann', '--can', 'system.process.execute')
  const none = await run('run', ...me, '--', 'wc', 'x')
  assert.equal([none.status, /claim\/none-held/.test(none.stderr)], [1, true])
  await run('claim', 'A1')
  await run('claim', 'A3')
  assert.is((await run('run', ...me, '--', 'wc', 'x')).status, 2)
  const other = await run('run', ...me, '--task', 'A2', '--', 'wc', 'x')
  assert.match(other.stderr, /ann does not hold A2/)
  assert.match((await run('run', ...me, '--task', 'A3', '--', 'wc', 'x')).stdout, /rule pin/)
})

test('a policy that forbids refuses, and so does one that does not parse', async ({ world, folder, run }) => {
  const policy = 'forbid(principal, action == Action::"run", resource) when { resource.id == "A1" };\n'
  await settle(world, folder, WORDS, { '.if-board/policies/run.cedar': policy })
  await holding(run)
  await run('run', '--pin', 'words')
  await writeFile(join(folder, 'x'), '')
  const refused = await run('run', ...me, '--', 'wc', 'x')
  assert.equal([refused.status, /to run A1 is forbidden by run\.cedar:1/.test(refused.stdout)], [5, true])
  await settle(world, folder, WORDS, { '.if-board/policies/run.cedar': 'forbid(principal, action, resour' })
  const broken = await run('run', ...me, '--', 'wc', 'x')
  assert.equal([broken.status, /nothing is allowed/.test(broken.stdout)], [5, true])
})

test('settings whose grammar does not parse run nothing', async ({ world, folder, run }) => {
  await settle(world, folder, WORDS)
  await holding(run)
  await run('run', '--pin', 'words')
  await writeFile(join(folder, 'x'), '')
  assert.is((await run('run', ...me, '--', 'wc', 'x')).status, 0)
  await settle(world, folder, WORDS.replace('-l: true', '-l: yes-please'))
  const { status, stderr } = await run('run', ...me, '--', 'wc', 'x')
  assert.equal([status, /\[config\/invalid\]/.test(stderr)], [1, true])
})

test('a dry run says what would be started, starts nothing, and notes nothing', async ({ world, folder, run }) => {
  await settle(world, folder, `${WORDS}  history: {grammar: git-history}\n`)
  await run('join', 'ann', '--can', 'system.process.execute')
  await run('run', '--pin', 'history')
  const dry = await run('run', '--dry-run', ...me, '--', 'git', 'log', '--oneline')
  assert.is(dry.status, 0, dry.stderr)
  assert.match(
    dry.stdout,
    /^It may run, as history:\n"\/.*git" "--no-pager" .* "log" "--no-ext-diff" .* "--oneline"\n$/,
  )
  const refused = await run('run', '--dry-run', ...me, '--json', '--', 'git', '-c', 'core.pager=x', 'log')
  assert.is(refused.status, 5)
  assert.match(JSON.parse(refused.stdout).refusal.reason, /`-c` is not listed/)
  await run('claim', 'A1')
  assert.match((await run('run', ...me, '--', 'git', 'log', '--oneline')).stdout, /first\nhistory: completed/)
  assert.not.match((await run('witness', 'log', '--json')).stdout, /"denied"/)
})

test('words without `--` are a mistake, and a name that is not granted is not pinned', async ({ run }) => {
  const plain = await run('run', 'npm', 'test')
  assert.equal([plain.status, /behind `--`/.test(plain.stderr)], [2, true])
  const pinned = await run('run', '--pin', 'nothing')
  assert.equal([pinned.status, /grant no command `nothing`/.test(pinned.stderr)], [2, true])
})

test('control characters of a program are not printed', async ({ world, folder, run }) => {
  await settle(world, folder, 'commands:\n  show: {program: cat, grammar: {runs: itself, args: [path]}}\n')
  await writeFile(join(folder, 'hostile'), '\u001b[2J\u001b]0;x\u0007a\tb\n\u202eend\n')
  await holding(run)
  await run('run', '--pin', 'show')
  const { stdout } = await run('run', ...me, '--', 'cat', 'hostile')
  assert.not.match(stdout, /[\u001b\u0007\u202e]/)
  assert.match(stdout, /\?\[2J\?\]0;x\?a {2}b\n/)
})

test('the test suite of a project runs: npm test, and node --test inside it', async ({ world, folder, run }) => {
  await settle(
    world,
    folder,
    'commands:\n  tests: {grammar: npm-test, timeoutSeconds: 120}\n  own: {grammar: node-test, timeoutSeconds: 120}\n',
  )
  await holding(run)
  const manifest = { name: 'sample', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  const suiteOf = (sum: number) =>
    `import assert from 'node:assert'\nimport test from 'node:test'\ntest('adds', () => assert.equal(1 + 1, ${sum}))\n`
  await writeFile(join(folder, 'sum.test.js'), suiteOf(3))
  for (const name of ['tests', 'own']) assert.is((await run('run', '--pin', name)).status, 0, name)
  const failing = await run('run', ...me, '--', 'npm', 'test')
  if (/rule layer/.test(failing.stdout)) return console.log('skip: bwrap does not work here')
  assert.equal([failing.status, /tests: ended with status 1/.test(failing.stdout)], [1, true], failing.stdout)
  await writeFile(join(folder, 'sum.test.js'), suiteOf(2))
  const passing = await run('run', ...me, '--', 'npm', 'test')
  assert.equal([passing.status, /# pass 1/.test(passing.stdout)], [0, true], passing.stdout + passing.stderr)
  assert.match(passing.stdout, /tests: completed after \d+ ms \(.*bwrap\)/)
  const direct = await run('run', ...me, '--json', '--', 'node', '--test', 'sum.test.js')
  assert.equal([direct.status, JSON.parse(direct.stdout).outcome], [0, { kind: 'completed' }])
})

test('keys of sessions are not there for the tests of a project', async ({ world, folder, run }) => {
  await settle(world, folder, 'commands:\n  own: {grammar: node-test, timeoutSeconds: 120}\n')
  await holding(run)
  await run('run', '--pin', 'own')
  const code = `import { readdirSync } from 'node:fs'\nimport test from 'node:test'\nimport assert from 'node:assert'
test('looks for keys', () => assert.deepEqual(readdirSync('.git/if-board'), []))\n`
  await writeFile(join(folder, 'look.test.mjs'), code)
  assert.ok(existsSync(join(folder, '.git', 'if-board', 'keys')))
  const { status, stdout } = await run('run', ...me, '--', 'node', '--test', 'look.test.mjs')
  if (/rule layer/.test(stdout)) return console.log('skip: bwrap does not work here')
  assert.is(status, 0, stdout)
})

test('ansible shows what a playbook would do, with --check, and does not do it', async ({ world, folder, run }) => {
  const settings = '  timeoutSeconds: 300\n  outputKiB: 4096\n'
  await settle(
    world,
    folder,
    `commands:\n  play:\n    grammar: ansible-check\n  ${settings.replaceAll('\n  ', '\n    ')}`,
  )
  await holding(run)
  const pinned = await run('run', '--pin', 'play')
  if (pinned.status !== 0) return console.log('skip: ansible-playbook is not installed')
  await writeFile(
    join(folder, 'site.yml'),
    '- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n    - copy: {content: x, dest: "{{ playbook_dir }}/made"}\n',
  )
  const changing = await run('run', ...me, '--', 'ansible-playbook', 'site.yml')
  assert.match(changing.stdout, /`--check` or `-C` has to be there/)
  const checked = await run('run', ...me, '--', 'ansible-playbook', '--check', '-i', 'localhost,', 'site.yml')
  if (/rule layer/.test(checked.stdout)) return console.log('skip: bwrap does not work here')
  assert.is(checked.status, 0, checked.stdout)
  assert.match(checked.stdout, /changed=1/)
  assert.not.ok(existsSync(join(folder, 'made')))
})

test.run()
