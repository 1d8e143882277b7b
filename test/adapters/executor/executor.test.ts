/** The executor on this machine: how runs end, what they see, and what is left of them. */

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemExecutor } from '../../../src/adapters/executor/index.ts'
import { IfBoardError } from '../../../src/model/index.ts'
import { makeProject, type Project, request, runCode, searchPath, textOf, wordOf } from './ran.ts'

const test = suite<{ project: Project; hasBwrap: boolean }>('the executor')

test.before(async (context) => {
  context.project = makeProject()
  context.hasBwrap = (await context.project.walled.layers()).includes('bwrap')
  if (!context.hasBwrap) console.log('skip: what needs bwrap, which does not work here')
})
test.after(({ project }) => project.remove())

const isLinux = process.platform === 'linux'

test('a run ends as its program does, with what it wrote', async ({ project }) => {
  const report = await runCode(project, 'console.log("out"); console.error("err")')
  assert.equal([wordOf(report), textOf(report.stdout), textOf(report.stderr)], ['completed', 'out\n', 'err\n'])
  assert.is(wordOf(await runCode(project, 'process.exitCode = 7')), 'exit 7')
  const ended = await runCode(project, 'process.kill(process.pid, "SIGTERM"); setInterval(() => 0, 1000)')
  assert.equal(ended.outcome, { kind: 'signal', signal: 'SIGTERM' })
  assert.ok(report.ms > 0 && report.layers.includes('process-group'))
})

test('words reach the program as they are, and no shell reads them', async ({ project }) => {
  const words = ['a b', '$(touch x)', '`id`', '"', "'", ';', '|', '*', '%PATH%', '\\', 'ä€😀']
  for (const on of ['plain', 'walled'] as const) {
    const args = ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', ...words]
    const report = await project[on].run(await request(project, 'node', { args }))
    assert.equal(JSON.parse(textOf(report.stdout)), words)
  }
  assert.not.ok(existsSync(join(project.root, 'x')))
})

test('nothing of the environment leaks', async ({ project }) => {
  process.env.IF_BOARD_TEST_SECRET = 'hunter2'
  const code = 'console.log(JSON.stringify(process.env))'
  for (const on of ['plain', 'walled'] as const) {
    const report = await runCode(project, code, { on, environment: new Map([['GIVEN', 'yes']]) })
    const seen = JSON.parse(textOf(report.stdout)) as Record<string, string>
    const { PWD: _, ...rest } = seen
    assert.equal(Object.keys(rest).sort(), ['GIVEN', 'HOME', 'IF_BOARD_RUN', 'LANG', 'PATH', 'TMPDIR'])
    assert.not.match(JSON.stringify(seen), /hunter2/)
    assert.is(seen.GIVEN, 'yes')
    for (const name of ['HOME', 'TMPDIR']) assert.not.ok(existsSync(seen[name] ?? ''), `${name} is gone afterwards`)
  }
  delete process.env.IF_BOARD_TEST_SECRET
})

test('home and temporary folder are new, empty and can be written', async ({ project }) => {
  const code = `const fs = require('node:fs'); for (const name of ['HOME', 'TMPDIR']) {
    if (fs.readdirSync(process.env[name]).length > 0) throw new Error(name)
    fs.writeFileSync(process.env[name] + '/x', 'x') }`
  for (const on of ['plain', 'walled'] as const) {
    const report = await runCode(project, code, { on })
    assert.is(wordOf(report), 'completed', textOf(report.stderr))
  }
})

test('standard input is empty', async ({ project }) => {
  const report = await runCode(project, 'process.stdin.on("data", (piece) => console.log(piece)).on("end", () => 0)')
  assert.equal([wordOf(report), report.stdout.length], ['completed', 0])
})

test('too much output ends the run, and what was taken is what the limit allows', async ({ project }) => {
  const code = 'const fs = require("node:fs"); for (;;) fs.writeSync(1, "x".repeat(1000))'
  for (const on of ['plain', 'walled'] as const) {
    const report = await runCode(project, code, { on, limits: { outputBytes: 5_000 } })
    assert.equal([wordOf(report), report.stdout.length + report.stderr.length], ['output', 5_000])
  }
})

test('memory beyond the limit ends the run', async ({ project }) => {
  if (!isLinux) return console.log('skip: memory is watched on Linux alone')
  const code = 'const all = []; setInterval(() => all.push(Buffer.alloc(1 << 24, 1)), 5)'
  const report = await runCode(project, code, { limits: { memoryBytes: 2 ** 28 } })
  assert.is(wordOf(report), 'memory')
})

const LATER_MS = 3_000

/**
 * Three processes, the second in a group and session of its own, the third started by it in the same way. Each makes a
 * file when it starts, and another one when the test says "go", if nobody has ended it until then.
 */
function brood(root: string, name: string): string {
  const one = (at: number, more: string) => {
    const file = JSON.stringify(join(root, `${name}-${at}`))
    const go = JSON.stringify(join(root, `${name}.go`))
    return `const fs = require('node:fs'); fs.writeFileSync(${file} + '.started', '');
      setInterval(() => { if (fs.existsSync(${go})) { fs.writeFileSync(${file}, ''); process.exit(0) } }, 50);
      setTimeout(() => process.exit(0), 120_000); ${more}`
  }
  const start = (code: string, options: object) =>
    `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(code)}], ${JSON.stringify(options)}).unref();`
  const apart = { detached: true, stdio: 'ignore' }
  return start(one(1, ''), { stdio: 'inherit' }) + start(one(2, start(one(3, ''), apart)), apart)
}

const BOTH = ['plain', 'walled'] as const

/** Says "go" to broods, and gives who is left the time to hear it. */
async function sayGo(root: string, names: readonly string[]): Promise<void> {
  for (const name of names) writeFileSync(join(root, `${name}.go`), '')
  await sleep(LATER_MS)
}

/** What is there of a brood: the whole of it has started, and who went on. */
function seen(root: string, name: string) {
  const there = (ending: string) => [1, 2, 3].filter((at) => existsSync(join(root, `${name}-${at}${ending}`)))
  return { started: there('.started'), wentOn: there('') }
}

/** Elsewhere a process that left its group is not found. */
const goneOn = isLinux ? [] : [2, 3]

test('a deadline kills grandchildren, also those that made groups and sessions of their own', async ({ project }) => {
  const reports = await Promise.all(
    BOTH.map((on) =>
      runCode(project, `${brood(project.root, on)} setInterval(() => 0, 1000)`, { on, limits: { deadlineMs: 15_000 } }),
    ),
  )
  assert.equal(reports.map(wordOf), ['deadline', 'deadline'])
  await sayGo(project.root, BOTH)
  for (const on of BOTH) assert.equal(seen(project.root, on), { started: [1, 2, 3], wentOn: goneOn }, on)
})

test('nothing goes on in the background after a program has ended by itself', async ({ project }) => {
  const reports = await Promise.all(
    BOTH.map((on) => {
      const all = JSON.stringify([1, 2, 3].map((at) => join(project.root, `after-${on}-${at}.started`)))
      const code = `setInterval(() => ${all}.every(require('node:fs').existsSync) && process.exit(0), 20)`
      return runCode(project, `${brood(project.root, `after-${on}`)} ${code}`, { on, limits: { deadlineMs: 60_000 } })
    }),
  )
  assert.equal(reports.map(wordOf), ['completed', 'completed'])
  await sayGo(
    project.root,
    BOTH.map((on) => `after-${on}`),
  )
  for (const on of BOTH) assert.equal(seen(project.root, `after-${on}`), { started: [1, 2, 3], wentOn: goneOn }, on)
})

test('a run ends when whoever asked is interrupted', async ({ project }) => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 200)
  assert.is(wordOf(await runCode(project, 'setInterval(() => 0, 1000)', { stop: controller.signal })), 'stopped')
  assert.is(wordOf(await runCode(project, '0', { stop: AbortSignal.abort() })), 'stopped')
})

test('a layer that is demanded and is not there ends the run before anything is started', async ({ project }) => {
  const code = `require('node:fs').writeFileSync(${JSON.stringify(join(project.root, 'started'))}, '')`
  const report = await runCode(project, code, { demand: ['bwrap'] })
  assert.equal(report.outcome, { kind: 'unavailable', layers: ['bwrap'] })
  assert.not.ok(existsSync(join(project.root, 'started')))
})

test('a folder outside of the work tree, or one that leads there, is denied', async ({ project }) => {
  const outside = makeProject()
  symlinkSync(outside.root, join(project.root, 'away'))
  mkdirSync(join(project.root, '.git'))
  for (const folder of [
    outside.root,
    join(project.root, 'away'),
    join(project.root, '.git'),
    join(project.root, 'none'),
  ]) {
    const { outcome } = await runCode(project, '0', { folder })
    assert.is(outcome.kind === 'denied' && outcome.rule, 'folder', folder)
  }
  outside.remove()
})

test('a path that leads out of the work tree by a link is denied, one that is yet to be made is not', async ({
  project,
}) => {
  const outside = makeProject()
  outside.write('secret', 'x')
  mkdirSync(join(project.root, 'in'))
  symlinkSync(outside.root, join(project.root, 'in', 'link'))
  symlinkSync(join(outside.root, 'none'), join(project.root, 'in', 'dangling'))
  symlinkSync('round', join(project.root, 'in', 'round'))
  symlinkSync('../.git', join(project.root, 'in', 'git'))
  writeFileSync(join(project.root, 'in', 'file'), '')
  const bad = [
    'in/link',
    'in/link/secret',
    'in/link/new',
    'in/dangling',
    'in/dangling/x',
    'in/round',
    'in/git',
    'in/git/config',
  ]
  for (const path of bad) {
    const { outcome } = await runCode(project, '0', { paths: [path] })
    assert.is(outcome.kind === 'denied' && outcome.rule, 'path', path)
  }
  for (const path of ['in/file', 'in', '.', './in/', 'in/new', 'new/deep/file'])
    assert.is(wordOf(await runCode(project, '0', { paths: [path] })), 'completed', path)
  outside.remove()
})

test('a program that is not the file that was pinned is denied: other bytes, another end of its link, gone', async ({
  project,
}) => {
  const bin = makeProject()
  const [file, link, other] = ['true-copy', 'tool', 'other'].map((name) => join(bin.root, name)) as [
    string,
    string,
    string,
  ]
  copyFileSync('/bin/true', file)
  copyFileSync('/bin/false', other)
  symlinkSync(file, link)
  const pin = await systemExecutor({ searchPath: bin.root, bwrap: 'off' }).find('tool', project.root)
  assert.equal([pin.path, pin.realPath], [link, file])
  const run = async () => (await project.plain.run(await request(project, 'tool', { pin }))).outcome
  assert.is((await run()).kind, 'completed')
  const denied = async () => {
    const outcome = await run()
    return outcome.kind === 'denied' ? outcome.reason : outcome.kind
  }
  writeFileSync(file, readFileSync('/bin/false'))
  assert.match(await denied(), /has other bytes/)
  rmSync(link)
  symlinkSync(other, link)
  assert.match(await denied(), /leads to .* now/)
  rmSync(link)
  assert.match(await denied(), /is not there any more/)
  bin.remove()
})

test('a file that is as it was when it was pinned is not read again, and one that was touched is', async ({
  project,
}) => {
  const bin = makeProject()
  const file = join(bin.root, 'tool')
  copyFileSync('/bin/true', file)
  const find = () => systemExecutor({ searchPath: bin.root, bwrap: 'off' }).find('tool', project.root)
  assert.is((await find()).state, undefined, 'too young to be told from a change within the same tick')
  await sleep(2_100)
  const pin = await find()
  assert.type(pin.state, 'string')
  const run = async (sha256: string) =>
    (await project.plain.run(await request(project, 'tool', { pin: { ...pin, sha256 } }))).outcome.kind
  assert.is(await run('0'.repeat(64)), 'completed', 'nobody looked at the bytes')
  utimesSync(file, 0, 0)
  assert.is(await run(pin.sha256), 'completed', 'the bytes are the same')
  assert.is(await run('0'.repeat(64)), 'denied', 'somebody looked at them')
  bin.remove()
})

test('no program is pinned that lies in the work tree, that anybody can write, or that is not there', async ({
  project,
}) => {
  const bin = makeProject()
  const refusal = async (folder: string, program: string) => {
    const found = await systemExecutor({ searchPath: folder })
      .find(program, project.root)
      .catch((error) => error)
    return found instanceof IfBoardError ? `${found.code}: ${found.message}` : 'pinned'
  }
  copyFileSync('/bin/true', join(project.root, 'own'))
  assert.match(await refusal(project.root, 'own'), /^executor\/cannot-pin: .* lies in the work tree$/)
  symlinkSync(join(project.root, 'own'), join(bin.root, 'own'))
  assert.match(await refusal(bin.root, 'own'), /lies in the work tree/)
  assert.match(await refusal(`.:relative:${bin.root}`, 'nowhere'), /was not found along your PATH/)
  copyFileSync('/bin/true', join(bin.root, 'open'))
  chmodSync(join(bin.root, 'open'), 0o777)
  assert.match(await refusal(bin.root, 'open'), /anybody on this machine can write/)
  chmodSync(join(bin.root, 'open'), 0o644)
  assert.match(await refusal(bin.root, 'open'), /was not found/)
  bin.remove()
})

test('what the system cannot start is told', async ({ project }) => {
  const bin = makeProject()
  writeFileSync(join(bin.root, 'broken'), '#!/nowhere/at/all\n', { mode: 0o755 })
  const pin = await systemExecutor({ searchPath: bin.root }).find('broken', project.root)
  for (const on of ['plain', 'walled'] as const) {
    const { outcome, stderr } = await project[on].run(await request(project, 'broken', { pin }))
    // prlimit has its own words for it, and its own status.
    assert.ok(
      outcome.kind === 'unstartable' || (outcome.kind === 'exit' && /prlimit/.test(textOf(stderr))),
      outcome.kind,
    )
  }
  bin.remove()
})

test('inside bwrap there is no network, no home, no other process, and of git only what can be read', async ({
  project,
  hasBwrap,
}) => {
  if (!hasBwrap) return
  const outside = makeProject()
  outside.write('secret', 'hunter2')
  const git = join(project.root, '.git')
  mkdirSync(join(git, 'if-board'), { recursive: true })
  writeFileSync(join(git, 'config'), '[core]')
  writeFileSync(join(git, 'if-board', 'key'), 'private')
  const code = `
    const fs = require('node:fs'), net = require('node:net'), os = require('node:os')
    const attempt = (work) => { try { return work() } catch (error) { return error.code ?? error.name } }
    console.log(JSON.stringify({
      secret: attempt(() => fs.readFileSync(${JSON.stringify(join(outside.root, 'secret'))}, 'utf8')),
      home: attempt(() => fs.readdirSync(${JSON.stringify(process.env.HOME ?? '/root')})),
      shadow: attempt(() => fs.readFileSync('/etc/shadow', 'utf8')),
      processes: fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
      interfaces: Object.keys(os.networkInterfaces()).filter((name) => name !== 'lo'),
      system: attempt(() => fs.writeFileSync('/usr/bin/x', '')),
      config: attempt(() => fs.readFileSync(${JSON.stringify(join(git, 'config'))}, 'utf8')),
      hook: attempt(() => fs.writeFileSync(${JSON.stringify(join(git, 'hook'))}, '')),
      keys: attempt(() => fs.readdirSync(${JSON.stringify(join(git, 'if-board'))})),
      tree: attempt(() => fs.writeFileSync(${JSON.stringify(join(project.root, 'made'))}, 'x')) ?? 'written',
    }))`
  const tree = { root: project.root, gitFolders: [git], hidden: [join(git, 'if-board')] }
  const report = await runCode(project, code, { on: 'walled', tree })
  const { processes, ...seen } = JSON.parse(textOf(report.stdout) || textOf(report.stderr))
  assert.equal(seen, {
    secret: 'ENOENT',
    home: 'ENOENT',
    shadow: 'ENOENT',
    interfaces: [],
    system: 'EROFS',
    config: '[core]',
    hook: 'EROFS',
    keys: [],
    tree: 'written',
  })
  assert.ok(processes <= 4, `${processes} processes`)
  const still = await runCode(project, `require('node:fs').writeFileSync('x', '')`, { on: 'walled', writes: 'nothing' })
  assert.match(textOf(still.stderr), /EROFS/)
  const { stdout } = await runCode(
    project,
    `console.log(require('node:fs').readFileSync(${JSON.stringify(join(outside.root, 'secret'))}, 'utf8'))`,
    { on: 'walled', reads: [outside.root] },
  )
  assert.is(textOf(stdout), 'hunter2\n')
  outside.remove()
})

test('what stands for a layer is not looked for along the PATH of whoever asks', async ({ project }) => {
  const bin = makeProject()
  for (const name of ['bwrap', 'prlimit'])
    writeFileSync(join(bin.root, name), `#!/bin/sh\ntouch ${bin.root}/fooled\nexec "$@"\n`, { mode: 0o755 })
  const executor = systemExecutor({ searchPath: `${bin.root}:${searchPath}` })
  assert.is(wordOf(await executor.run(await request(project, 'node', { args: ['-e', '0'] }))), 'completed')
  assert.not.ok(existsSync(join(bin.root, 'fooled')))
  bin.remove()
})

test('limits of prlimit hold: no core file, and no file without an end', async ({ project }) => {
  if (!(await project.plain.layers()).includes('prlimit')) return console.log('skip: prlimit is not here')
  const code = `const text = require('node:fs').readFileSync('/proc/self/limits', 'utf8'); console.log(text)`
  const limits = textOf((await runCode(project, code)).stdout)
  assert.match(limits, /Max core file size +0 +0/)
  assert.match(limits, /Max file size +1073741824 +1073741824/)
  assert.match(limits, /Max open files +4096 +4096/)
})

test('the search path of a run has the folder of its program and the system’s, not that of whoever asks', async ({
  project,
}) => {
  const { stdout } = await runCode(project, 'console.log(process.env.PATH)')
  assert.is(textOf(stdout), `${searchPath.split(':')[0]}:/usr/local/bin:/usr/bin:/bin\n`)
})

test.run()
