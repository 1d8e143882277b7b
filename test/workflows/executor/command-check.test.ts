/** A `cmd:` check, plugged in: what it says of the work, and what says nothing. The executor is a double; its own tests are real. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeSshCrypto } from '../../../src/adapters/process/ssh-crypto.ts'
import {
  COMMAND_DEFAULTS,
  type Config,
  type ExecutorLayer,
  type SessionName,
  toObjectId,
} from '../../../src/model/index.ts'
import type { CommandOutcome, CommandRun, ProgramPin } from '../../../src/ports/index.ts'
import { type CommandToCheck, checkCommand } from '../../../src/workflows/executor/command-check.ts'
import type { ExecutorTools } from '../../../src/workflows/executor/tools.ts'
import { findTask } from '../../../src/workflows/find-task.ts'
import { readPending } from '../../../src/workflows/pending.ts'
import { say } from '../../../src/workflows/publish.ts'
import { read } from '../../../src/workflows/read.ts'
import { claim } from '../../support/acts.ts'
import { boardOf, type Clone, CONFIG, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { pinsOf, softOperator } from '../../support/ssh.ts'

const [s1] = names(1) as [SessionName]
const commit = toObjectId('c'.repeat(40))
const pin: ProgramPin = { program: 'wc', path: '/usr/bin/wc', realPath: '/usr/bin/wc', sha256: 'a'.repeat(64) }
const config: Config = {
  ...CONFIG,
  commands: [
    {
      ...COMMAND_DEFAULTS,
      name: 'words',
      program: 'wc',
      grammar: { runs: 'itself', set: { A: 'grammar', B: 'grammar' }, args: [['path', 'text']] },
      environment: ['B', 'C', 'UNSET'],
      set: { C: 'settings' },
    },
    { ...COMMAND_DEFAULTS, name: 'tests', grammar: 'npm-test' },
    ...(['none', 'host'] as const).map((network) => ({
      ...{ ...COMMAND_DEFAULTS, network, name: `fetch-${network}`, program: 'curl', environment: ['HTTP_PROXY'] },
      grammar: { runs: 'itself' as const, args: [{ words: [network] }] },
    })),
  ],
}
const fleetOf = { kind: 'memory', board: boardOf(['T1']), config } as const

/** A machine on which every run ends like this, and what it was asked. */
function machine(outcome: CommandOutcome, isAt = true, layers: readonly ExecutorLayer[] = ['process-group']) {
  const asked: CommandRun[] = []
  const tools: ExecutorTools = {
    executor: {
      find: async () => pin,
      layers: async () => ['process-group'],
      run: async (run) => {
        asked.push(run)
        return { outcome, layers, ms: 5, stdout: Buffer.from('out'), stderr: Buffer.from('err') }
      },
    },
    pins: {
      read: async () =>
        new Map([
          ['words', pin],
          ['tests', { ...pin, program: 'npm' }],
          ...['none', 'host'].map((network) => [`fetch-${network}`, { ...pin, program: 'curl' }] as const),
        ]),
      write: async () => undefined,
    },
    tree: { root: '/project', gitFolders: [], hidden: [] },
    folder: '/project',
    environment: { B: 'caller', C: 'caller', D: 'caller', HTTP_PROXY: 'http://127.0.0.1:1' },
    isAt: async () => isAt,
    stop: new AbortController().signal,
  }
  return { tools, asked }
}

async function check(clone: Clone, tools: ExecutorTools, argv: readonly string[], more: Partial<CommandToCheck> = {}) {
  const reading = await read(clone.box)
  return checkCommand(clone.box, reading, tools, {
    session: s1,
    view: findTask(reading.snapshot, 'T1'),
    argv,
    commit,
    ...more,
  })
}

async function able(clone: Clone): Promise<void> {
  const data = { capabilities: ['system.process.execute'] }
  await say(clone.box, await read(clone.box), { session: s1, type: 'joined', data })
  await claim(clone, s1, 'T1')
}

test('a run that ends is told as of a module, with its layers and what it wrote', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    for (const outcome of [
      { kind: 'completed' },
      { kind: 'exit', status: 2 },
      { kind: 'deadline', reason: 'x' },
    ] as const) {
      const checked = await check(a, machine(outcome).tools, ['wc', 'x'])
      assert.equal(checked.kind === 'ran' && [checked.outcome, checked.layers], [outcome, ['process-group']])
      assert.is(checked.kind === 'ran' && new TextDecoder().decode(checked.stdout), 'out')
    }
    const killed = await check(a, machine({ kind: 'signal', signal: 'SIGSEGV' }).tools, ['wc', 'x'])
    assert.equal(killed.kind === 'ran' && killed.outcome, { kind: 'trap', reason: 'it was ended by SIGSEGV' })
    const { facts } = await readPending(a.box, s1)
    assert.equal(
      facts.map(({ type, data }) => `${type} ${data.executed?.command} ${data.executed?.outcome}`),
      ['completed', 'exit', 'deadline', 'signal'].map((outcome) => `executed words ${outcome}`),
    )
  }))

test('what was not started is never a pass: words, layers, the program, the commit', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    const fine = { kind: 'completed' } as const
    const reasonOf = async (outcome: CommandOutcome, argv: string[], isAt = true) => {
      const checked = await check(a, machine(outcome, isAt).tools, argv)
      return checked.kind === 'not-run' ? checked.reason : checked.kind
    }
    assert.match(await reasonOf(fine, ['wc', '-l']), /`-l` is not listed \(rule command\)/)
    assert.match(await reasonOf(fine, ['sh', '-c', 'x']), /`sh` is not granted/)
    assert.match(await reasonOf({ kind: 'unavailable', layers: ['bwrap'] }, ['wc', 'x']), /rule layer/)
    assert.match(
      await reasonOf({ kind: 'denied', rule: 'pin', reason: 'other bytes' }, ['wc', 'x']),
      /other bytes \(rule pin\)/,
    )
    assert.match(await reasonOf({ kind: 'unstartable', reason: 'ENOEXEC' }, ['wc', 'x']), /did not start it: ENOEXEC/)
    assert.match(await reasonOf(fine, ['wc', 'x'], false), /does not have the files of cccccccccccc/)
  }))

test('the log says that a proxy is advice wherever a program that was told of it has the network as well', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    const fine = { kind: 'completed' } as const
    const walled = ['process-group', 'bwrap'] as const
    for (const network of ['none', 'host'])
      for (const layers of [walled.slice(0, 1), walled])
        await check(a, machine(fine, true, layers).tools, ['curl', network])
    await check(a, machine(fine).tools, ['wc', 'x'])
    const { facts } = await readPending(a.box, s1)
    assert.equal(
      facts.map(({ data }) => data.executed?.proxy),
      ['advisory', 'only', 'advisory', 'advisory', undefined],
    )
  }))

test('a secret among the words is masked in the log, wherever they are cut', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    const secret = `AKIA${'QWERTYUIOPASDFGH'}`
    const { tools } = machine({ kind: 'completed' })
    for (const padding of [1, 470, 485, 990])
      assert.is((await check(a, tools, ['wc', `${'x '.repeat(padding / 2)}${secret}`])).kind, 'ran')
    const { facts } = await readPending(a.box, s1)
    assert.not.match(JSON.stringify(facts), /QWERTY/)
  }))

test('without the capability nothing is started', () =>
  on(fleetOf, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    const { tools, asked } = machine({ kind: 'completed' })
    const checked = await check(a, tools, ['wc', 'x'])
    assert.match(checked.kind === 'not-run' ? checked.reason : '', /does not have system\.process\.execute/)
    assert.equal(asked, [])
  }))

test('limits and layers of a task only narrow what the grant says, and a layer that no command has is never met', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    const { tools, asked } = machine({ kind: 'completed' })
    const limits = { deadlineMs: 1_000, outputBytes: 9e9, memoryBytes: 9e9 }
    await check(a, tools, ['wc', 'x'], { limits, demand: ['process', 'bwrap'] })
    assert.equal(asked[0]?.limits, { deadlineMs: 1_000, outputBytes: 1_048_576, memoryBytes: 4_294_967_296 })
    assert.equal(asked[0]?.demand, ['process-group', 'bwrap'])
    const checked = await check(a, tools, ['wc', 'x'], { demand: ['bwrap', 'fuel'] })
    assert.match(checked.kind === 'not-run' ? checked.reason : '', /^fuel: no command has that layer/)
    assert.is(asked.length, 1)
  }))

test('where operators are pinned, a session’s own word for what it may is none', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    const { tools, asked } = machine({ kind: 'completed' })
    const registry = async () => ({ pins: pinsOf(softOperator('ada')), crypto: nodeSshCrypto })
    const checked = await check({ ...a, box: { ...a.box, registry } }, tools, ['wc', 'x'])
    assert.match(
      checked.kind === 'not-run' ? checked.reason : '',
      /no grant of session-1 says system\.process\.execute/,
    )
    assert.equal(asked, [])
  }))

test('a run is asked for with what the grant says, and for what runs code with a sandbox', () =>
  on(fleetOf, async (_fleet, a) => {
    await able(a)
    const { tools, asked } = machine({ kind: 'completed' })
    await check(a, tools, ['wc', 'x'])
    await check(a, tools, ['npm', 'test'])
    const [words, tests] = asked as [CommandRun, CommandRun]
    assert.equal([...words.environment].sort(), [
      ['A', 'grammar'],
      ['B', 'caller'],
      ['C', 'settings'],
    ])
    assert.equal([words.demand, tests.demand], [[], ['bwrap']])
    assert.equal(words.limits, { deadlineMs: 5_000, outputBytes: 1_048_576, memoryBytes: 4_294_967_296 })
    assert.equal([words.args, words.paths], [['x'], ['x']])
  }))

test.run()
