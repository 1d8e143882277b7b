/** What stands around a module's process, seen from inside it and from whoever it might deceive. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { canWatchMemory } from '../../../src/adapters/process/memory-watch.ts'
import { wasmChassis } from '../../../src/adapters/wasm/index.ts'
import { programArgs } from '../../support/program.ts'
import { bytesOf } from '../../support/wat.ts'
import { command, engineFile, guestFile, open, request, textOf, wordOf } from './attacked.ts'
import { impostor, impostorSays, removeImpostors, SAY } from './impostor.ts'

const walls = suite('the walls of a chassis')
walls.after(removeImpostors)
const harmless = bytesOf(command(''))
const endless = bytesOf(command('(loop (br 0))'))

/** Tries what a module's process must not be able to do, and says what came of each. */
const PROBE = `${SAY}
const attempt = (work) => { try { work(); return 'works' } catch (error) { return error.code ?? error.name } }
const found = {
  environment: Object.keys(process.env),
  read: attempt(() => require('node:fs').readFileSync('/etc/hosts')),
  list: attempt(() => require('node:fs').readdirSync('/')),
  write: attempt(() => require('node:fs').writeFileSync(require('node:path').join(require('node:os').tmpdir(), 'x'), '')),
  start: attempt(() => require('node:child_process').spawnSync(process.execPath, ['-v'])),
  addon: attempt(() => process.dlopen({ exports: {} }, '/x.node')),
  code: attempt(() => new Function('')),
  memory: attempt(() => new WebAssembly.Memory({ initial: 257 })),
  memoryBelow: attempt(() => new WebAssembly.Memory({ initial: 256 })),
}
process.stdin.once('data', () => say({ outcome: { kind: 'completed' }, permission: true, outputs: [] }, JSON.stringify(found), ''))
`

walls('a process of a module may read, write, start and load nothing, and has no environment', async () => {
  const report = await impostor(PROBE).run(request(harmless))
  const { start, addon, ...found } = JSON.parse(textOf(report.stdout))
  assert.equal(found, {
    environment: [],
    read: 'ERR_ACCESS_DENIED',
    list: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    code: 'EvalError',
    memory: 'RangeError',
    memoryBelow: 'works',
  })
  assert.is(start, 'ERR_ACCESS_DENIED')
  assert.match(addon, /^ERR_/)
})

walls('the real process says that its permission model is on, and a run may demand it', async () => {
  const report = await open().run(request(harmless, { demand: ['permission', 'process', 'fuel'] }))
  assert.is(wordOf(report), 'completed')
  assert.ok(report.layers.includes('permission'))
})

walls('a layer that was demanded and is not there ends the run before anything is looked at', async () => {
  const { outcome } = await open('off').run(request(harmless, { sha256: 'another', demand: ['bwrap', 'process'] }))
  assert.equal(outcome, { kind: 'unavailable', layers: ['bwrap'] })
})

walls('a process that does not claim its permission model does not have it in its report', async () => {
  const report = await impostorSays("say({ outcome: { kind: 'completed' }, outputs: [] }, '', '')")
  assert.not.ok(report.layers.includes('permission'))
})

walls('inside bubblewrap there are no files of the user and no network', async () => {
  const report = await open('probe').run(request(harmless))
  if (!report.layers.includes('bwrap')) {
    console.log('skip: bubblewrap does not work here')
    return
  }
  assert.is(wordOf(report), 'completed')
  const inside = `${SAY}const found = { interfaces: Object.keys(require('node:os').networkInterfaces()), pid: process.pid }
    process.stdin.once('data', () => say({ outcome: { kind: 'completed' }, permission: true, outputs: [] }, JSON.stringify(found), ''))`
  const { interfaces, pid } = JSON.parse(textOf((await impostor(inside, 'probe').run(request(harmless))).stdout))
  assert.ok(interfaces.every((name: string) => name === 'lo') && pid < 10)
})

const LIES = new Map([
  ['half a message', "process.stdout.write('{}', () => process.exit(0))"],
  ['a header that is no JSON', "say('nonsense {')"],
  ['a header that is null', "say('null')"],
  ['a header of a gigabyte', 'process.stdout.write(Buffer.from([0, 0, 0, 0x40]))'],
  ['an outcome that there is not', "say({ outcome: { kind: 'perfect' }, outputs: [] }, '', '')"],
  [
    'an outcome with a prototype',
    'say(\'{"outcome":{"__proto__":{"kind":"completed"}},"outputs":[],"lengths":[0,0]}\')',
  ],
  ['an exit status that is none', "say({ outcome: { kind: 'exit', status: -1 }, outputs: [] }, '', '')"],
  [
    'an output that was not declared',
    "say({ outcome: { kind: 'completed' }, outputs: ['../../.git/hooks/x'] }, '', '', 'x')",
  ],
  ['an output twice', "say({ outcome: { kind: 'completed' }, outputs: ['a', 'a'] }, '', '', 'x', 'y')"],
  ['more output than allowed', "say({ outcome: { kind: 'completed' }, outputs: [] }, 'x'.repeat(70000), '')"],
  ['lengths that are negative', 'say(\'{"outcome":{"kind":"completed"},"outputs":[],"lengths":[-1,1]}\')'],
  ['a flood', "for (;;) require('node:fs').writeSync(1, Buffer.alloc(65536, 1))"],
  ['nothing', 'process.exit(0)'],
  ['a crash', 'process.abort()'],
])

for (const [name, says] of LIES)
  walls(`an answer that is none ends as crashed: ${name}`, async () => {
    const report = await impostorSays(says, { outputs: ['a'] })
    assert.is(wordOf(report), 'crashed')
    assert.equal([report.outputs.size, report.stdout.length, report.fuel], [0, 0, undefined])
  })

walls('numbers that cannot be are not believed', async () => {
  const report = await impostorSays(
    "say({ outcome: { kind: 'completed' }, outputs: [], fuel: 1e300, memoryBytes: -5 }, '', '')",
  )
  assert.equal([wordOf(report), report.fuel, report.memoryBytes], ['completed', undefined, undefined])
})

walls('a process that never answers is ended at the deadline', async () => {
  const report = await impostor('setInterval(() => 0, 1000)').run(request(harmless, { limits: { deadlineMs: 400 } }))
  assert.is(wordOf(report), 'deadline')
})

walls('a process that takes more memory than its limits explain is ended', async () => {
  if (!canWatchMemory) {
    console.log('skip: this system does not tell the memory of a process')
    return
  }
  const hoard = 'const all = []; setInterval(() => all.push(Buffer.alloc(1 << 26, 1)), 5)'
  assert.is(wordOf(await impostor(hoard).run(request(harmless))), 'memory')
})

walls('close stops what runs and what waits', async () => {
  const chassis = wasmChassis({ guestFile, engineFile, ahead: 1, bwrap: 'off' })
  const running = chassis.run(request(endless, { limits: { fuel: Number.MAX_SAFE_INTEGER } }))
  await sleep(200)
  await chassis.close()
  assert.is(wordOf(await running), 'stopped')
  assert.is(wordOf(await chassis.run(request(harmless))), 'stopped')
})

walls('a process that was started ahead serves one run, and the next is another', async () => {
  const chassis = wasmChassis({ guestFile, engineFile, ahead: 1, bwrap: 'off' })
  for (let left = 3; left > 0; left -= 1) assert.is(wordOf(await chassis.run(request(harmless))), 'completed')
  await chassis.close()
})

/** Processes below this one that have not ended, where the system tells. */
function below(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  const children = existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : []
  return children.flatMap((child) => [child, ...below(child)])
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

for (const bwrap of ['off', 'probe'] as const)
  walls(`a run ends with its supervisor, also when that is killed: bwrap ${bwrap}`, async () => {
    if (!existsSync('/proc/self/task')) {
      console.log('skip: this system does not tell the children of a process')
      return
    }
    const supervisor = spawn(process.execPath, [...programArgs('adapters/wasm/endless-process'), bwrap], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => supervisor.stdout.once('data', resolve))
    await sleep(700)
    const left = below(supervisor.pid ?? 0)
    assert.ok(left.length > 0 && left.every(isAlive))
    supervisor.kill('SIGKILL')
    for (let waited = 0; waited < 5_000 && left.some(isAlive); waited += 50) await sleep(50)
    assert.equal(left.filter(isAlive), [])
  })

walls.run()
