/** Checks in plain JavaScript: what they see, and that they end like any module. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Asked, open, request, textOf, wordOf } from './attacked.ts'

const scripts = suite('a script on the chassis')
const chassis = open()
const run = (source: string, asked: Asked = {}) =>
  chassis.run(
    request(new TextEncoder().encode(source), { language: 'script', ...asked, limits: { fuel: 1e8, ...asked.limits } }),
  )
const file = (path: string, text: string) => ({ path, mode: '100644', bytes: new TextEncoder().encode(text) })

scripts('a check reads its inputs, says what it found and writes what was declared', async () => {
  const check = `
    const rows = readText('report.csv').trim().split('\\n').map((row) => row.split(',').map(Number))
    const sum = rows.flat().reduce((all, value) => all + value, 0)
    if (sum !== 21) throw new Error('the sum is ' + sum)
    print('sum', sum, args[0], inputs.length)
    writeText('out/sum.txt', String(sum))`
  const inputs = [file('report.csv', '1,2,3\n4,5,6\n')]
  const report = await run(check, { inputs, outputs: ['out/sum.txt'] })
  assert.equal([wordOf(report), textOf(report.stdout)], ['completed', 'sum 21 module 1\n'])
  assert.is(textOf(report.outputs.get('out/sum.txt')?.bytes ?? new Uint8Array(0)), '21')

  const failed = await run(check, { inputs: [file('report.csv', '1,2,4')] })
  assert.is(wordOf(failed), 'exit 1')
  assert.match(textOf(failed.stderr), /^Error: the sum is 7/)
})

scripts('there is no process, no network, no module, and no way out by a constructor', async () => {
  const probe = `
    const names = ['process', 'fetch', 'require', 'std', 'os', 'XMLHttpRequest', 'WebAssembly', 'Deno', 'Buffer']
    const outside = (work) => { try { return String(work()) } catch (error) { return error.name } }
    print(names.map((name) => typeof globalThis[name]).join(' '))
    print(outside(() => print.constructor('return process')()))
    print(outside(() => readText('../secret')), outside(() => readText('__proto__')))
    import('std').then(() => print('loaded'), () => print('refused'))`
  const report = await run(probe)
  const nothing = Array.from({ length: 9 }, () => 'undefined').join(' ')
  assert.is(textOf(report.stdout), `${nothing}\nReferenceError\nError Error\nrefused\n`)
  assert.is(wordOf(report), 'completed')
})

scripts('time, chance and fuel are the same in every run', async () => {
  const probe = 'print(Date.now(), Math.random(), [3, 1, 2].sort(), new Date(0).getTimezoneOffset())'
  const reports = [await run(probe), await run(probe), await run(probe)]
  assert.is(new Set(reports.map(({ fuel, stdout }) => `${fuel} ${textOf(stdout)}`)).size, 1)
  assert.match(textOf(reports[0]?.stdout ?? new Uint8Array(0)), /^1700000000000 0\.\d+ 1,2,3 0\n$/)
  assert.ok((reports[0]?.fuel ?? 0) > 1000)
})

const ATTACKS: readonly (readonly [string, string, string])[] = [
  ['an endless loop', 'for (;;);', 'fuel'],
  ['an endless loop that catches all', 'for (;;) try { for (;;); } catch {}', 'fuel'],
  ['an endless chain of jobs', 'const again = () => Promise.resolve().then(again); again()', 'fuel'],
  ['a regular expression that backtracks', "/^(a+)+$/.test('a'.repeat(60) + 'b')", 'fuel'],
  ['a hoard', 'const all = []; for (;;) all.push(new Uint8Array(1 << 20))', 'memory'],
  ['a flood that is caught', "for (;;) try { print('x'.repeat(10000)) } catch {}", 'output'],
  ['recursion', 'const deeper = () => deeper(); deeper()', 'exit 1'],
  ['an output that leads elsewhere', "writeText('../../.git/hooks/x', '')", 'exit 1'],
  ['a file in the place of a folder', "writeText('a', ''); writeText('a/b', '')", 'exit 1'],
  ['a flood of files', "for (let i = 0; ; i += 1) writeText('f' + i, '')", 'exit 1'],
  ['no JavaScript', 'const', 'exit 1'],
]
for (const [name, source, wanted] of ATTACKS)
  scripts(`${name} ends as ${wanted}`, async () => {
    assert.is(wordOf(await run(source)), wanted)
  })

scripts('a script that is not the one that was granted is denied', async () => {
  assert.is(wordOf(await run('print(1)', { sha256: '0'.repeat(64) })), 'denied')
})

scripts.run()
