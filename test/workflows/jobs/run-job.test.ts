/** What becomes of a run: each outcome is a pass, a failure, or nobody's knowledge; commands come from where they are plugged in. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type ObjectId,
  RUN_OUTCOMES,
  type Run,
  type Task,
  taskKey,
  toBoardName,
  toTaskId,
} from '../../../src/model/index.ts'
import { DEFAULT_LIMITS, type ModuleOutcome } from '../../../src/ports/index.ts'
import { runJob } from '../../../src/workflows/jobs/run-job.ts'
import { checksOf } from '../../../src/workflows/jobs/task-jobs.ts'
import type { CommandReport, CommandRun, JobTools } from '../../../src/workflows/jobs/tools.ts'
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

test.run()
