/** What becomes of a run: each outcome is a pass, a failure, or nobody's knowledge; commands come from where they are plugged in. */
import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryObjectStore } from '../../../src/adapters/memory/index.ts'
import {
  encodeCommit,
  encodeTree,
  type HttpUse,
  type ObjectId,
  objectId,
  RUN_OUTCOMES,
  type Run,
  type Task,
  taskKey,
  toBoardName,
  toTaskId,
} from '../../../src/model/index.ts'
import { DEFAULT_LIMITS, type ModuleOutcome, type ModuleReport, type ModuleRun } from '../../../src/ports/index.ts'
import { runJob } from '../../../src/workflows/jobs/run-job.ts'
import { checksOf } from '../../../src/workflows/jobs/task-jobs.ts'
import type {
  CommandReport,
  CommandRun,
  JobTools,
  ServiceDesk,
  ServiceWish,
} from '../../../src/workflows/jobs/tools.ts'
import type { Reading } from '../../../src/workflows/read.ts'
import type { Toolbox } from '../../../src/workflows/toolbox.ts'

const board = toBoardName('TASKS.md')
const id = toTaskId('T1')
const task = { key: taskKey(board, id), id, board, check: 'cmd:npm test --token=s3cret' } as Task
const commit = 'c'.repeat(40) as ObjectId
const bytes = (text: string) => new TextEncoder().encode(text)

/** No repository is asked for a command. */
async function ask(commands: (run: CommandRun) => CommandReport) {
  const tools = { commands: async (run: CommandRun) => commands(run) }
  const [what] = checksOf(task, undefined)
  assert.ok(what !== undefined)
  const question = { task, what, session: undefined, purpose: 'check', commit } as const
  return runJob({} as Toolbox, {} as Reading, tools as unknown as JobTools, question)
}

const ends = (outcome: ModuleOutcome, stdout = '', stderr = ''): CommandReport => ({
  kind: 'ran',
  outcome,
  layers: ['prlimit'],
  stdout: bytes(stdout),
  stderr: bytes(stderr),
})

function outcomeOf(kind: Run['outcome']): ModuleOutcome {
  if (kind === 'exit') return { kind, status: 1 }
  if (kind === 'unavailable') return { kind, layers: ['bwrap'] }
  return kind === 'completed' || kind === 'stopped' ? { kind } : { kind, reason: 'why' }
}

test('a command that is plugged in is asked with all that bounds it, and told by its program alone', async () => {
  let asked: CommandRun | undefined
  const result = await ask((run) => {
    asked = run
    return ends({ kind: 'completed' }, 'ok 1\n', 'warning\u0007\n')
  })
  assert.equal(asked, {
    argv: ['npm', 'test', '--token=s3cret'],
    task: task.key,
    session: undefined,
    purpose: 'check',
    commit,
    limits: DEFAULT_LIMITS,
    demand: [],
  })
  assert.equal([result.verdict, result.output], ['passed', 'ok 1\nwarning?'])
  assert.equal(result.run, { purpose: 'check', job: 'cmd:npm', commit, outcome: 'completed', layers: ['prlimit'] })
})

test('a command that was not started is no pass', async () => {
  const refused = await ask(() => ({ kind: 'not-run', reason: 'no grant', hint: 'ask Ann' }))
  assert.equal([refused.verdict, refused.reason, refused.hint], ['not-run', 'no grant', 'ask Ann'])
})

test('of all outcomes one passes, and those that say nothing of the work are told apart', async () => {
  const verdicts = await Promise.all(
    RUN_OUTCOMES.map(async (kind) => [kind, (await ask(() => ends(outcomeOf(kind)))).verdict] as const),
  )
  const of = (verdict: string) => verdicts.filter(([, one]) => one === verdict).map(([kind]) => kind)
  assert.equal(of('passed'), ['completed'])
  assert.equal(of('not-run'), ['denied', 'unavailable', 'crashed', 'stopped'])
  assert.equal(of('failed'), ['exit', 'fuel', 'deadline', 'memory', 'output', 'trap', 'invalid'])
})

test('what is printed is cut from its head, line by line and each line for itself', async () => {
  const lines = Array.from({ length: 500 }, (_, at) => `${at} ${'x'.repeat(1000)}`).join('\r\n')
  const { output } = await ask(() => ends({ kind: 'exit', status: 1 }, lines))
  const shown = output.split('\n')
  assert.is(shown[0], '… (460 lines before)')
  assert.ok(shown.length === 41 && shown.every((line) => line.length <= 400) && shown[40]?.startsWith('499 '))
})

/** A script that is granted a service, on a chassis that ends so. */
async function askScript(report: Partial<ModuleReport>, open: ServiceDesk['open']) {
  const given: ModuleRun[] = []
  const source = bytes('x')
  const sha256 = (all: Uint8Array) => createHash('sha256').update(all).digest()
  const check = `js:a.js#sha256=${sha256(source).toString('hex')}`
  const rules = { limits: {}, demand: [], deliverables: 'checked' } as const
  const http = { aliases: ['search'], calls: 3 }
  const [what] = checksOf({ ...task, check }, { ...rules, tasks: [{ match: 'T1', limits: {}, demand: [], http }] })
  assert.ok(what !== undefined)
  const objects = memoryObjectStore()
  const blob = { type: 'blob', body: source } as const
  const tree = encodeTree([{ mode: '100644', name: 'a.js', oid: objectId(blob, objects.hash) }])
  const author = { name: 'a', email: 'a@b', seconds: 0 }
  const made = encodeCommit({ tree: objectId(tree, objects.hash), parents: [], ...author, message: 'x' })
  await objects.write([blob, tree, made])
  const chassis = {
    run: async (run: ModuleRun) => {
      given.push(run)
      const empty = { stdout: bytes(''), stderr: bytes(''), outputs: new Map(), fuel: 1, memoryBytes: 1 }
      return { outcome: { kind: 'completed' }, layers: [], http: [], ...empty, ...report } as ModuleReport
    },
  }
  const tools = { repository: { objects }, chassis: async () => chassis, services: { open } } as unknown as JobTools
  const box = { sha256Bytes: sha256, objects } as unknown as Toolbox
  const reading = { branch: { files: new Map() } } as unknown as Reading
  const question = { task, what, session: undefined, purpose: 'check', commit: objectId(made, objects.hash) } as const
  return { result: await runJob(box, reading, tools, question), given, sha256: check.slice(-64) }
}

const egress = { ask: async () => ({ kind: 'unreachable', reason: 'gone' }) as const }

test('a script gets the way to its services for its own hash and time, and without one nobody knows', async () => {
  let wished: ServiceWish | undefined
  const { result, given, sha256 } = await askScript({}, async (wish) => {
    wished = wish
    return { kind: 'open', egress }
  })
  assert.is(result.verdict, 'passed')
  assert.equal(given[0]?.http, { aliases: ['search'], calls: 3, egress })
  const { deadlineMs: ms } = DEFAULT_LIMITS
  assert.equal(wished, { aliases: ['search'], calls: 3, task: task.key, session: undefined, sha256, ms })
  const none = await askScript({}, async () => ({ kind: 'not-run', reason: 'no proxy', hint: 'if-board proxy' }))
  assert.equal([none.result.verdict, none.result.hint, none.given.length], ['not-run', 'if-board proxy', 0])
})

test('a run that did not pass while no proxy answered says nothing of the work', async () => {
  const verdictOf = async (outcome: ModuleOutcome, more: Partial<HttpUse>) => {
    const http = [{ alias: 'search', calls: 2, sent: 0, received: 0, ...more }]
    const { result } = await askScript({ outcome, http }, async () => ({ kind: 'open', egress }))
    assert.equal(result.run?.http, http)
    return [result.verdict, result.reason]
  }
  const words = 'it ended with status 1, and no proxy answered 2 of its calls'
  assert.equal(await verdictOf({ kind: 'exit', status: 1 }, { unreachable: 2 }), ['not-run', words])
  assert.equal(await verdictOf({ kind: 'exit', status: 1 }, { denied: 2 }), ['failed', 'it ended with status 1'])
  assert.equal(await verdictOf({ kind: 'completed' }, { unreachable: 2 }), ['passed', ''])
})

test.run()
