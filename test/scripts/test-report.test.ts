import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runNode } from '../../scripts/child.mjs'
import { endingStatus, judge, processorSeconds, summaryLine } from '../../scripts/test-report.mjs'
import { withFiles } from './planted.ts'

const totals = (total: number, passed: number, skipped = 0) =>
  `  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n`
const ended = { status: 0, timedOut: false, ms: 1000 }

test('a file whose tests all pass', () => {
  const verdict = judge({ ...ended, output: totals(3, 3) })
  assert.equal(verdict, { passed: 3, failed: 0, skipped: 0, skipReasons: [], reason: undefined })
})

test('a file without totals failed, whatever its exit status', () => {
  assert.match(judge({ ...ended, output: '' }).reason ?? '', /before uvu printed/)
})

test('a file that reports no test failed', () => {
  assert.is(judge({ ...ended, output: totals(0, 0) }).failed, 1)
})

test('a file whose only test is skipped passes', () => {
  assert.is(judge({ ...ended, output: totals(0, 0, 1) }).failed, 0)
})

test('a crash after the last test is a failure', () => {
  assert.is(judge({ ...ended, status: 1, output: totals(2, 2) }).failed, 1)
})

test('a file that reached its time limit failed, although its totals are there', () => {
  assert.match(judge({ ...ended, timedOut: true, output: totals(2, 2) }).reason ?? '', /time limit of 1 s/)
})

test('a skip is counted once and keeps its reason', () => {
  const verdict = judge({ ...ended, output: `• • skip: no strace here\n• (3 / 3)\n${totals(3, 3, 1)}` })
  assert.equal([verdict.skipped, verdict.skipReasons], [1, ['no strace here']])
})

test('the last line names skips only when there are some', () => {
  assert.equal(summaryLine([{ passed: 2, failed: 0, skipped: 0 }]), { line: '2 passed, 0 failed', ok: true })
  const mixed = [
    { passed: 2, failed: 1, skipped: 0 },
    { passed: 3, failed: 0, skipped: 2 },
  ]
  assert.equal(summaryLine(mixed), { line: '5 passed, 1 failed, 2 skipped', ok: false })
  assert.not.ok(summaryLine([]).ok)
})

test('a `before` hook that throws is a failure, although uvu ends with status 0', async () => {
  const uvu = import.meta.resolve('uvu')
  const source = `import { test } from '${uvu}'
test.before(() => { throw new Error('no repository') })
test('never reached', () => {})
test.run()
`
  const finished = await withFiles({ 'hook.mjs': source }, (folder) => runNode(['hook.mjs'], { cwd: folder }))
  assert.is(finished.status, 0)
  assert.is(judge(finished).failed, 1)
})

test('processor time is counted where the system tells, that of ended children included', async () => {
  if (process.platform !== 'linux') return
  const program = fileURLToPath(new URL('../../scripts/test-cpu.mjs', import.meta.url))
  const busy = 'const until = performance.now() + 300; while (performance.now() < until);'
  const source = `import { spawnSync } from 'node:child_process'
spawnSync(process.execPath, ['-e', ${JSON.stringify(busy)}])
`
  const { output } = await withFiles({ 'busy.mjs': source }, (folder) =>
    runNode(['--import', pathToFileURL(program).href, 'busy.mjs'], { cwd: folder }),
  )
  assert.ok((processorSeconds(output) ?? 0) > 0.1, output)
  assert.is(processorSeconds('killed before it said so'), undefined)
})

test('a file that said how it ends, and then hangs, counts as ended', async () => {
  for (const status of [0, 1]) {
    const source = `process.stderr.write('this file ends with status ${status}\\n'); setInterval(() => {}, 1000)\n`
    const finished = await withFiles({ 'hang.mjs': source }, (folder) =>
      runNode(['hang.mjs'], { cwd: folder, timeoutMs: 60_000, endingStatus }),
    )
    assert.equal([finished.status, finished.timedOut], [status, false], finished.output)
  }
  assert.is(endingStatus('this file ends with status 0, or does it?\n'), undefined)
})

test('a child that outlives its time limit ends with what it started', async () => {
  const source = `import { spawn } from 'node:child_process'
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
setInterval(() => {}, 1000)
`
  const finished = await withFiles({ 'hang.mjs': source }, (folder) =>
    runNode(['hang.mjs'], { cwd: folder, timeoutMs: 700 }),
  )
  assert.ok(finished.timedOut)
  assert.ok(finished.ms < 5000, `${finished.ms} ms`)
})

test.run()
