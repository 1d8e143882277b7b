/** `done` and `check` on real git: what passes, what does not, and that what nobody knows never passes. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sampled } from '../support/sampled.ts'
import { bytesOf } from '../support/wat.ts'
import { boardOf, commit, type Files, jobOf, project, type Row, runsIn } from './checked.ts'
import { CONFIG, makeWorld, push, type World } from './world.ts'

const test = suite<{ world: World }>('checks of tasks')
let made = 0

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

const ANN = ['--session', 'ann']
/** Passes where the page that it is given has three lines. */
const SCRIPT = `const lines = readText('docs/api.md').trim().split('\\n').length
print('it has ' + lines + ' lines')
if (lines < 3) throw new Error('too short')
`

interface Asked {
  readonly files?: Files
  readonly row?: Partial<Row>
  readonly settings?: string
}

/** A clone in which ann holds T1. */
async function holding(world: World, { files = {}, row = {}, settings }: Asked) {
  made += 1
  const board = boardOf([{ id: 'T1', ...row }, { id: 'T2' }])
  const folder = await project(world, `clone-${made}`, files, { 'TASKS.md': board })
  if (settings !== undefined) await push(world, folder, { [CONFIG]: settings })
  const claimed = await world.run(folder, ['claim', 'T1', ...ANN])
  assert.is(claimed.status, 0, claimed.stdout + claimed.stderr)
  return folder
}

async function done(world: World, folder: string, ...more: string[]) {
  const { status, stdout, stderr } = await world.run(folder, ['done', 'T1', '--json', ...more, ...ANN])
  return { status, stderr, answer: JSON.parse(stdout) }
}

/** Refused by this rule, for this reason, with this exit; ann holds the task still. */
async function staysHeld(world: World, folder: string, rule: string, reason: RegExp, ...more: string[]) {
  const { status, answer } = await done(world, folder, ...more)
  assert.equal([status, answer.kind, answer.refused?.rule], [5, 'refused', rule], JSON.stringify(answer))
  assert.match(answer.refused.reason, reason)
  assert.ok(answer.refused.hint.length > 0)
  const { stdout } = await world.run(folder, ['show', 'T1', '--json'])
  assert.equal([JSON.parse(stdout).task.status, JSON.parse(stdout).task.holder], ['claimed', 'ann'])
  return answer.refused as { readonly reason: string; readonly hint: string; readonly output?: string }
}

test('a script refuses what is too short, with what it printed, and lets it pass when it was mended', async ({
  world,
}) => {
  const files = { 'checks/api.js': SCRIPT, 'docs/api.md': 'one line\n' }
  const folder = await holding(world, {
    files,
    row: { deliverable: 'docs/api.md', check: jobOf('checks/api.js', SCRIPT) },
  })
  const refused = await staysHeld(world, folder, 'check', /js:checks\/api\.js does not pass: it ended with status 1/)
  assert.match(refused.output ?? '', /it has 1 lines[\s\S]*too short/)
  // What is not committed is not judged.
  await writeFile(join(folder, 'docs/api.md'), '1\n2\n3\n')
  await staysHeld(world, folder, 'check', /does not pass/)
  await commit(world, folder, {})
  const passed = await done(world, folder)
  assert.equal([passed.status, passed.answer.kind], [0, 'completed'], passed.stderr)
  const [first, last] = await runsIn(world, folder)
  assert.ok(first !== undefined && last !== undefined)
  assert.equal([first.purpose, first.outcome, first.status], ['done', 'exit', 1])
  assert.equal([last.purpose, last.outcome, last.job], ['done', 'completed', 'js:checks/api.js'])
  assert.ok((last.fuel ?? 0) > 1000 && (last.memoryBytes ?? 0) > 0)
  assert.ok(['process', 'permission', 'fuel'].every((layer) => last.layers.includes(layer)))
})

const WASI = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))'
const exitWith = (status: number) =>
  bytesOf(`(module ${WASI} (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const ${status}))))`)

test('a module of WebAssembly passes with status 0 and with no other', async ({ world }) => {
  for (const [module, rule] of [
    [exitWith(7), 'check'],
    [exitWith(0), undefined],
  ] as const) {
    const files = { 'checks/a.wasm': module }
    const folder = await holding(world, { files, row: { check: jobOf('checks/a.wasm', module) } })
    if (rule === undefined) assert.is((await done(world, folder)).status, 0)
    else await staysHeld(world, folder, rule, /it ended with status 7/)
  }
})

test('a check that never ends is ended by its fuel, and its limits are those of the settings', async ({ world }) => {
  const script = 'for (;;) {}\n'
  const folder = await holding(world, {
    files: { 'c.js': script },
    row: { check: jobOf('c.js', script) },
    settings: 'checks:\n  limits: {fuel: 20000000}\n',
  })
  await staysHeld(world, folder, 'check', /fuel/)
  const [run] = await runsIn(world, folder)
  assert.is(run, undefined, 'what has no push of its own waits')
  await world.run(folder, ['note', 'T1', 'hello', ...ANN])
  const [said] = await runsIn(world, folder)
  assert.equal([said?.outcome, (said?.fuel ?? 0) <= 20_000_000], ['fuel', true])
})

test('a file that was swapped after it was granted is not run', async ({ world }) => {
  const folder = await holding(world, { files: { 'c.js': SCRIPT }, row: { check: jobOf('c.js', SCRIPT) } })
  await commit(world, folder, { 'c.js': '// passes\n' })
  await staysHeld(world, folder, 'check-not-run', /with the SHA-256 .* is neither/)
})

test('a file on the coordination branch is run where its hash is the one that was granted', async ({ world }) => {
  const script = 'print(inputs.length)\n'
  const folder = await holding(world, { row: { check: jobOf('checks/c.js', script) } })
  await staysHeld(world, folder, 'check-not-run', /is neither/)
  await push(world, folder, { 'checks/c.js': script })
  assert.is((await done(world, folder)).status, 0)
})

test('no commit, and one that is not here, are no pass', async ({ world }) => {
  const folder = await holding(world, { files: { 'c.js': 'print(1)\n' }, row: { check: jobOf('c.js', 'print(1)\n') } })
  await world.git(folder, 'switch', '--quiet', '--orphan', 'empty')
  await staysHeld(world, folder, 'check-not-run', /no commit is named/)
})

const TEST = `const { test } = require('node:test')
test('the answer is right', () => require('node:assert').equal(require('../answer.js'), 42))
`
const GRANTED = `checks:
  tasks:
    - {match: "TASKS.md:T*", check: "cmd:node --test test/answer.test.js"}
`
const COMMANDS = 'commands:\n  tests: {grammar: node-test, code: trusted, timeoutSeconds: 60}\n'

test('the check of the README does what is said there, by the hash that is shown', async ({ world }) => {
  const page = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const [, script] = /```js\n(\/\/ checks\/api\.js[\s\S]*?)```/.exec(page) ?? []
  const [, check] = /`(js:checks\/api\.js#sha256=[0-9a-f]{64})`/.exec(page) ?? []
  assert.ok(script !== undefined && check !== undefined)
  const files = { 'checks/api.js': script, 'docs/api.md': 'to do\n' }
  const folder = await holding(world, { files, row: { deliverable: 'docs/api.md', check } })
  const refused = await staysHeld(world, folder, 'check', /js:checks\/api\.js does not pass/)
  assert.match(refused.output ?? '', /docs\/api\.md is a stub/)
  await commit(world, folder, { 'docs/api.md': 'a line\n'.repeat(40) })
  assert.is((await done(world, folder)).status, 0)
})

test('a command that nobody granted is no pass', async ({ world }) => {
  const folder = await holding(world, { settings: GRANTED })
  await staysHeld(world, folder, 'check-not-run', /cmd:node: /)
})

test('the tests of a project are a check: refused while they fail, done once they pass, on what is committed', async ({
  world,
}) => {
  const files = { 'answer.js': 'module.exports = 41\n', 'test/answer.test.js': TEST }
  const folder = await holding(world, { files, settings: GRANTED + COMMANDS })
  assert.is((await world.run(folder, ['join', 'ann', '--can', 'system.process.execute'])).status, 0)
  assert.is((await world.run(folder, ['run', '--pin', 'tests'])).status, 0)
  const refused = await staysHeld(world, folder, 'check', /cmd:node does not pass: it ended with status 1/)
  assert.match(refused.output ?? '', /the answer is right/)
  await writeFile(join(folder, 'answer.js'), 'module.exports = 42\n')
  await staysHeld(world, folder, 'check-not-run', /the work tree does not have the files of/)
  await commit(world, folder, {})
  const passed = await done(world, folder)
  assert.equal([passed.status, passed.answer.kind], [0, 'completed'], passed.stderr)
  const [first, last] = await runsIn(world, folder)
  assert.equal([first?.outcome, last?.outcome], ['exit', 'completed'])
})

test('a check of the settings is asked for beside that of the cell, which cannot take it away', async ({ world }) => {
  const good = 'print("good")\n'
  const bad = 'throw new Error("no")\n'
  const folder = await holding(world, {
    files: { 'good.js': good, 'bad.js': bad },
    row: { check: jobOf('good.js', good) },
    settings: `checks:\n  tasks:\n    - {match: "T1", check: "${jobOf('bad.js', bad)}"}\n`,
  })
  await staysHeld(world, folder, 'check', /js:bad\.js does not pass/)
})

test('what is not understood never passes, and lint names its place', async ({ world }) => {
  const folder = await holding(world, { row: { check: 'js:c.js' } })
  await staysHeld(world, folder, 'check-not-run', /not understood/)
  const { stdout, status } = await world.run(folder, ['lint'])
  assert.is(status, 6)
  assert.match(stdout, /TASKS\.md:5:.*the check of `T1` is not understood.*\[board\/unknown-check\]/)
})

test('a deliverable that is a path must be in the commit, where there is a check or the settings say so', async ({
  world,
}) => {
  const folder = await holding(world, { row: { deliverable: 'docs/api.md' } })
  assert.is((await done(world, folder)).status, 0)
  const strict = await holding(world, {
    row: { deliverable: 'src/, `docs/api.md`' },
    files: { 'src/a.ts': '' },
    settings: 'checks: {deliverables: all}\n',
  })
  await staysHeld(world, strict, 'deliverable', /delivers `docs\/api\.md`, which is not in/)
  await commit(world, strict, { 'docs/api.md': 'x' })
  assert.is((await done(world, strict)).status, 0)
})

test('what a check prints cannot speak to the terminal, and its end is shown', async ({ world }) => {
  const script = `print('\\u001b[2J\\u001b]0;owned\\u0007 a\\u202eb')\nfor (let i = 0; i < 100; i++) print('line ' + i)\nthrow 'x'\n`
  const folder = await holding(world, { files: { 'c.js': script }, row: { check: jobOf('c.js', script) } })
  const { output = '' } = await staysHeld(world, folder, 'check', /status 1/)
  assert.ok(output.split('\n').length <= 42 && output.includes('line 99') && /lines before/.test(output))
  const { stdout, status } = await world.run(folder, ['done', ...ANN])
  assert.is(status, 5)
  assert.match(stdout, /^REFUSED by the rule check: .*\n> … \(\d+ lines before\)\n> line/)
  const clean = 'print("\\u001b[31mred\\u0007 \\u202e")\nthrow 1\n'
  const other = await holding(world, { files: { 'd.js': clean }, row: { check: jobOf('d.js', clean) } })
  const said = await world.run(other, ['done', ...ANN])
  assert.not.match(said.stdout, /[\u001b\u0007\u202e]/)
  assert.match(said.stdout, /\n> \?\[31mred\? \?\n/)
})

test('a link among the inputs is not followed, and a replaced object is not believed', async ({ world }) => {
  const script = 'print(inputs.join())\n'
  const linked = await holding(world, {
    files: { 'c.js': script, 'docs/secret.md': { link: '/etc/passwd' } },
    row: { check: jobOf('c.js', script, ' in=docs/**') },
  })
  await staysHeld(world, linked, 'check-not-run', /no regular file/)
  const bad = 'throw new Error("no")\n'
  const folder = await holding(world, {
    files: { 'c.js': bad, 'passes.md': 'x' },
    row: { check: jobOf('c.js', `${bad} `) },
  })
  const honest = await world.git(folder, 'rev-parse', 'HEAD')
  await commit(world, folder, { 'c.js': `${bad} ` })
  const other = await world.git(folder, 'rev-parse', 'HEAD')
  await world.git(folder, 'replace', honest, other)
  await staysHeld(world, folder, 'check-not-run', /is neither/, '--evidence', honest)
})

test('an object that this clone lost is no pass, be it an input or the deliverable', async ({ world }) => {
  const script = 'print(1)\n'
  const files = { 'c.js': script, 'docs/a.md': 'text', 'docs/deep/b.md': 'other' }
  const row = { check: jobOf('c.js', script), deliverable: 'docs/a.md' }
  const losses = [
    ['HEAD:docs/a.md', /is not in this clone/],
    ['HEAD:docs', /missing or broken/],
    ['HEAD^{tree}', /missing or broken/],
  ] as const
  for (const [lost, reason] of sampled(losses, 1)) {
    const folder = await holding(world, { files, row })
    const oid = await world.git(folder, 'rev-parse', lost)
    await rm(join(folder, '.git', 'objects', oid.slice(0, 2), oid.slice(2)))
    await staysHeld(world, folder, 'check-not-run', reason)
  }
})

test('set writes a check as it was typed, patterns included, and refuses nothing else of the row', async ({
  world,
}) => {
  const script = 'print(inputs.join())\n'
  const folder = await holding(world, { files: { 'c.js': script, 'docs/a.md': 'x' } })
  const wrong = await world.run(folder, ['set', 'T1', 'check', 'js:c.js', '--json'])
  assert.equal([wrong.status, JSON.parse(wrong.stdout).error.code], [1, 'board/cannot-edit'])
  const text = jobOf('c.js', script, ' in=docs/** in=*.js')
  const set = await world.run(folder, ['set', 'T1', 'check', text])
  assert.is(set.status, 0, set.stdout + set.stderr)
  const { task } = JSON.parse((await world.run(folder, ['show', 'T1', '--json'])).stdout)
  assert.is(task.check, text)
  const { stdout } = await world.run(folder, ['check', 'T1', '--json'])
  assert.is(JSON.parse(stdout).runs[0].output, 'c.js,docs/a.md')
})

test('done of a task without a check loads nothing of the chassis', async ({ world }) => {
  const folder = await holding(world, {})
  const sources = await world.sourcesLoadedBy(folder, ['done', 'T1', ...ANN])
  assert.ok(sources.some((path) => path.endsWith('workflows/finish.ts')))
  assert.equal(
    sources.filter((path) => /workflows\/jobs\/|adapters\/wasm|job-repository|src\/chassis/.test(path)),
    [],
  )
})

test.run()
