/**
 * Each attack ends in its named outcome and leaves no process behind. All are run by one chassis, so that each is also the
 * following run that works.
 */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { printable } from '../../../src/model/index.ts'
import { sampled } from '../../support/sampled.ts'
import { bytesOf } from '../../support/wat.ts'
import { type Asked, command, open, request, textOf, wordOf } from './attacked.ts'
import { compileBomb } from './compile-bomb.ts'

const attacks = suite('a module that attacks')
const chassis = open()

/** Processes that this one started and that are still there, where the system tells. */
function children(): string[] {
  const file = `/proc/${process.pid}/task/${process.pid}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean) : []
}

async function ends(name: string, module: Uint8Array, asked: Asked = {}): Promise<string> {
  const report = await chassis.run(request(module, asked))
  assert.equal(children(), [], `a process is left by: ${name}`)
  return wordOf(report)
}

interface Attack {
  readonly name: string
  readonly wat: string
  /** The outcome; an exit says its status, which is the errno that the module was answered. */
  readonly wanted: string
  readonly asked: Asked
}

const known: Attack[] = []

function attack(name: string, wat: string, wanted: string, asked: Asked = {}): void {
  known.push({ name, wat, wanted, asked })
}

const exitWith = (call: string) => `(call $proc_exit ${call})`
const path = (text: string) => `(data (i32.const 64) "${text}")`
const openPath = (length: number, how = 0, rights = 2) =>
  `(call $path_open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const ${length}) (i32.const ${how})
    (i64.const ${rights}) (i64.const 0) (i32.const 0) (i32.const 8))`
const ESCAPES = ['../secret', '/etc/passwd', 'a/../../secret', './../..//etc']

attack('an endless loop ends by its fuel', command('(loop (br 0))'), 'fuel')
attack('a loop that only calls ends by its fuel', command('(loop (call $f) (br 0))', '(func $f)'), 'fuel')
attack(
  'an endless loop in the start function ends by its fuel',
  '(module (func $s (loop (br 0))) (start $s) (func (export "_start")))',
  'fuel',
)
attack(
  'a loop of calls to the host ends by its fuel',
  command('(loop (drop (call $random_get (i32.const 0) (i32.const 0))) (br 0))'),
  'fuel',
)
attack(
  'bulk operations are charged by their length',
  command('(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))'),
  'fuel',
  { limits: { fuel: 1e6 } },
)
attack('a run without fuel to speak of is ended in time all the same', command('(loop (br 0))'), 'deadline', {
  limits: { fuel: Number.MAX_SAFE_INTEGER, deadlineMs: 700 },
})
attack(
  'who sleeps a year wakes at once, on a clock of its own',
  command(
    `(i64.store (i32.const 24) (i64.const 31536000000000000))
     (drop (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)))
     ${exitWith('(i32.load (i32.const 256))')}`,
  ),
  'exit 1',
)
attack(
  'waiting in a loop ends by its fuel',
  command('(loop (drop (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256))) (br 0))'),
  'fuel',
)
attack('a memory that grows for ever', command('(loop (drop (memory.grow (i32.const 1))) (br 0))'), 'memory')
attack('a memory that grows at once', command('(drop (memory.grow (i32.const 40000)))'), 'memory')
attack('a memory that begins too large', command('', '(memory (export "memory") 300)'), 'memory')
attack(
  'a memory that grows beyond its own maximum is told so, as the specification wants',
  command(exitWith('(i32.sub (i32.const 7) (memory.grow (i32.const 2)))'), '(memory (export "memory") 1 2)'),
  'exit 8',
)
attack(
  'a table that grows for ever',
  command('(loop (drop (table.grow 0 (ref.null func) (i32.const 1000))) (br 0))', '(table 1 funcref)'),
  'memory',
)
attack('a table that begins too large', command('', '(table 5000000 funcref)'), 'memory')
attack('recursion without end', command('(call $f)', '(func $f (call $f))'), 'trap', { limits: { fuel: 1e9 } })
attack(
  'recursion of a function with many locals',
  command('(call $f)', `(func $f (local ${'i64 '.repeat(5000)}) (call $f))`),
  'trap',
  { limits: { fuel: 1e9 } },
)
attack('an unreachable place', command('(unreachable)'), 'trap')
attack('a division by zero', command('(drop (i32.div_s (i32.const 1) (i32.const 0)))'), 'trap')
attack('an address outside the memory', command('(drop (i32.load (i32.const 70000)))'), 'trap')
attack(
  'a host function with other types',
  `(module (import "wasi_snapshot_preview1" "fd_close" (func $c (param i64) (result i64))) (func (export "_start") (drop (call $c (i64.const 1)))))`,
  'trap',
)

attack(
  'an export with the name of the counter',
  '(module (global (export "if-board:fuel") (mut i64) (i64.const 1)) (func (export "_start")))',
  'invalid',
)
attack(
  'an import with a reserved name',
  '(module (import "if-board:host" "x" (func)) (func (export "_start")))',
  'invalid',
)
attack(
  'writing to a global that the rewriter would add',
  '(module (func (export "_start") (global.set 0 (i64.const 9))))',
  'invalid',
)
attack('a memory of 64 bits', '(module (memory i64 1) (func (export "_start")))', 'invalid')
attack('a second memory', '(module (memory 1) (memory 1) (func (export "_start")))', 'invalid')
attack('a shared memory', '(module (memory 1 1 shared) (func (export "_start")))', 'invalid')
attack(
  'waiting on an atomic',
  '(module (memory 1 1 shared) (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))',
  'invalid',
)
attack('exceptions', '(module (tag $t) (func (export "_start") (throw $t)))', 'invalid')
attack('tail calls', '(module (func $f (return_call $f)) (func (export "_start") (call $f)))', 'invalid')
attack(
  'relaxed SIMD, which differs between processors',
  '(module (func (export "_start") (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))',
  'invalid',
)
attack(
  'constants with arithmetic',
  '(module (global i32 (i32.add (i32.const 1) (i32.const 2))) (func (export "_start")))',
  'invalid',
)
attack('no function to start', '(module (func (export "main")))', 'invalid')

attack('an import that nobody granted', '(module (import "env" "system" (func)) (func (export "_start")))', 'denied')
attack('an import of WASI that was not granted', command(exitWith('(i32.const 3)')), 'denied', {
  imports: new Set(['fd_write']),
})
attack(
  'an import that is no function',
  '(module (import "wasi_snapshot_preview1" "memory" (memory 1)) (func (export "_start")))',
  'denied',
)
attack(
  'a flood of output',
  command(
    `(i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 60000))
     (loop (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (br 0))`,
  ),
  'output',
)
attack(
  'a flood of open files is refused',
  command(
    `(local $e i32) (loop (br_if 0 (i32.eqz (local.tee $e ${openPath(1, 1)})))) ${exitWith('(local.get $e)')}`,
    path('x'),
  ),
  'exit 33',
)
attack(
  'a flood of folders is refused',
  command(
    `(local $e i32) (loop (i32.store8 (i32.const 64) (i32.add (i32.const 65) (i32.rem_u (i32.load (i32.const 96)) (i32.const 60))))
      (i32.store8 (i32.const 65) (i32.add (i32.const 65) (i32.div_u (i32.load (i32.const 96)) (i32.const 60))))
      (i32.store (i32.const 96) (i32.add (i32.load (i32.const 96)) (i32.const 1)))
      (br_if 0 (i32.eqz (local.tee $e (call $path_create_directory (i32.const 3) (i32.const 64) (i32.const 2))))))
     ${exitWith('(local.get $e)')}`,
  ),
  'exit 51',
)
attack(
  'a byte far behind the end of a file is refused',
  command(
    `(drop ${openPath(1, 1, 66)}) (i32.store (i32.const 4) (i32.const 1))
     ${exitWith('(call $fd_pwrite (i32.const 4) (i32.const 0) (i32.const 1) (i64.const 10000000000) (i32.const 16))')}`,
    path('x'),
  ),
  'exit 22',
)
for (const way of ESCAPES)
  attack(`the path ${way} is refused`, command(exitWith(openPath(way.length)), path(way)), 'exit 63', {
    inputs: [{ path: 'a/file', mode: '100644', bytes: new Uint8Array(1) }],
  })
attack(
  'a symbolic link that leads out is made, and refused when it is followed',
  command(
    `(drop (call $path_symlink (i32.const 96) (i32.const 5) (i32.const 3) (i32.const 64) (i32.const 1)))
     ${exitWith(openPath(6))}`,
    `${path('x/file')} (data (i32.const 96) "../..")`,
  ),
  'exit 63',
)
attack(
  'a symbolic link to an absolute path cannot be made',
  command(
    exitWith('(call $path_symlink (i32.const 96) (i32.const 4) (i32.const 3) (i32.const 64) (i32.const 1))'),
    `${path('x')} (data (i32.const 96) "/etc")`,
  ),
  'exit 63',
)
attack(
  'a pointer outside the memory is a fault',
  command(exitWith('(call $random_get (i32.const 65530) (i32.const 100))')),
  'exit 21',
)
attack(
  'a length of four gigabytes is a fault',
  command(exitWith('(call $random_get (i32.const 1) (i32.const -1))')),
  'exit 21',
)
attack(
  'nothing of the environment is there',
  command(`(drop (call $environ_sizes_get (i32.const 0) (i32.const 4))) ${exitWith('(i32.load (i32.const 0))')}`),
  'completed',
)
attack(
  'there are no sockets',
  command(exitWith('(call $sock_send (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))')),
  'exit 57',
)

// A quick run has every outcome, too.
const outcomes = [...new Set(known.map(({ wanted }) => wanted))].map((word) =>
  known.filter(({ wanted }) => wanted === word),
)
for (const { name, wat, wanted, asked } of outcomes.flatMap((alike) => sampled(alike, 2)))
  attacks(name, async () => assert.is(await ends(name, bytesOf(wat), asked), wanted))

attacks('bytes of garbage collection, of unknown opcodes and of no module at all are invalid', async () => {
  const head = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  const garbage = [
    [...head, 0x01, 0x03, 0x01, 0x5f, 0x00],
    [...head, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x27, 0x0b],
    [
      ...head,
      0x01,
      0x04,
      0x01,
      0x60,
      0x00,
      0x00,
      0x03,
      0x02,
      0x01,
      0x00,
      0x0a,
      0x06,
      0x01,
      0x04,
      0x00,
      0xfb,
      0x1c,
      0x0b,
    ],
    [...head, 0x0d, 0x01, 0x00],
    head.slice(0, 6),
    [],
  ]
  for (const bytes of garbage) assert.is(await ends('garbage', new Uint8Array(bytes)), 'invalid')
})

attacks('a module that takes long to compile is ended in time, compiling included', async () => {
  const timed = async (deadlineMs: number) => {
    const startedAt = performance.now()
    const word = await ends('compile bomb', compileBomb(), { limits: { deadlineMs, moduleBytes: 1 << 26 } })
    return { word, ms: performance.now() - startedAt }
  }
  const whole = await timed(60_000)
  assert.is(whole.word, 'completed')
  const cut = await timed(Math.round(whole.ms / 4))
  assert.is(cut.word, 'deadline')
  assert.ok(cut.ms < whole.ms / 4 + 2_000, `${cut.ms} of ${whole.ms} ms`)
})

attacks('a module that is larger than allowed is invalid', async () => {
  assert.is(await ends('large', bytesOf(command('')), { limits: { moduleBytes: 20 } }), 'invalid')
})

attacks('a module swapped after the grant is denied', async () => {
  const { sha256 } = request(bytesOf(command('')))
  assert.is(await ends('swapped', bytesOf(command('(unreachable)')), { sha256 }), 'denied')
})

attacks('symbolic links, submodules and bad paths in the input tree are denied', async () => {
  const module = bytesOf(command(''))
  const input = (path: string, mode = '100644') => ({ path, mode, bytes: new Uint8Array(0) })
  const trees = [
    [input('link', '120000')],
    [input('module', '160000')],
    [input('../x')],
    [input('/x')],
    [input('a'), input('a/b')],
    [input('a'), input('a')],
    [input('a\\..\\b')],
    [input('.GIT/config')],
  ]
  for (const inputs of trees) assert.is(await ends(inputs[0]?.path ?? '', module, { inputs }), 'denied')
})

attacks('inputs are counted with their folders', async () => {
  const inputs = ['a/b/c', 'a/d'].map((path) => ({ path, mode: '100644', bytes: new Uint8Array(0) }))
  assert.is(await ends('four nodes', bytesOf(command('')), { inputs, limits: { files: 4 } }), 'completed')
  assert.is(await ends('four nodes', bytesOf(command('')), { inputs, limits: { files: 3 } }), 'denied')
})

attacks('outputs with names that lead elsewhere are denied', async () => {
  const names = [
    '../../.git/hooks/x',
    '.git/config',
    'a/.GIT/x',
    'git~1/x',
    '/tmp/x',
    'a//b',
    'a\u202eb',
    'x\n',
    'C:x',
    'a/./b',
    '',
  ]
  for (const name of names) assert.is(await ends(name, bytesOf(command('')), { outputs: [name] }), 'denied', name)
})

attacks('an output that the module made a symbolic link is not given', async () => {
  const wat = command(
    '(drop (call $path_symlink (i32.const 96) (i32.const 6) (i32.const 3) (i32.const 64) (i32.const 3)))',
    `${path('out')} (data (i32.const 96) "secret")`,
  )
  const inputs = [{ path: 'secret', mode: '100644', bytes: new Uint8Array([1]) }]
  const report = await chassis.run(request(bytesOf(wat), { inputs, outputs: ['out', 'secret'] }))
  assert.equal([...report.outputs.keys()], ['secret'])
})

attacks('clock and chance are the same for the same seed, and others for another', async () => {
  const probe = command(
    `(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 32)))
     (drop (call $random_get (i32.const 40) (i32.const 24)))
     (i32.store (i32.const 0) (i32.const 32)) (i32.store (i32.const 4) (i32.const 32))
     (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))`,
  )
  const runs = ['one', 'one', 'two'].map((seed) => chassis.run(request(bytesOf(probe), { seed })))
  const [first, again, other] = await Promise.all(runs)
  assert.equal(first?.stdout, again?.stdout)
  assert.is(first?.fuel, again?.fuel)
  assert.not.equal(first?.stdout, other?.stdout)
  assert.is(
    new DataView(first?.stdout.slice().buffer ?? new ArrayBuffer(8)).getBigUint64(0, true),
    1_700_000_000_000_000_000n,
  )
})

attacks('control characters in names of imports are made visible by whoever shows the reason', async () => {
  const { outcome } = await chassis.run(
    request(bytesOf('(module (import "a\\1b[31m" "b" (func)) (func (export "_start")))')),
  )
  assert.ok(outcome.kind === 'denied' && outcome.reason.includes('\u001b'))
  assert.not.match(printable(outcome.kind === 'denied' ? outcome.reason : '', 200), /\p{Cc}/u)
})

attacks('output of a module that fails is kept, its files are not', async () => {
  const wat = command(
    `(i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 5))
     (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16))) (unreachable)`,
    path('wrong'),
  )
  const inputs = [{ path: 'out', mode: '100644', bytes: new Uint8Array(3) }]
  const report = await chassis.run(request(bytesOf(wat), { inputs, outputs: ['out'] }))
  assert.equal([wordOf(report), textOf(report.stderr), report.outputs.size], ['trap', 'wrong', 0])
})

attacks('many runs at once end each for itself', async () => {
  const kinds = ['(unreachable)', '(loop (br 0))', '']
  const reports = await Promise.all(kinds.map((body) => chassis.run(request(bytesOf(command(body))))))
  assert.equal(reports.map(wordOf), ['trap', 'fuel', 'completed'])
  await sleep(10)
  assert.equal(children(), [])
})

attacks('after all of them, a harmless module still completes', async () => {
  assert.is(await ends('harmless', bytesOf(command(''))), 'completed')
})

attacks.run()
