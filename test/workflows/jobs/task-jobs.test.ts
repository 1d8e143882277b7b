/** Which checks and bodies a task has, and what bounds them: cells and settings narrow, and nothing widens. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type HttpGrant,
  type JobRule,
  type JobRules,
  type RunLimits,
  type Task,
  taskKey,
  toBoardName,
  toTaskId,
} from '../../../src/model/index.ts'
import { jobName, RUN_LAYERS } from '../../../src/model/job.ts'
import { DEFAULT_LIMITS } from '../../../src/ports/index.ts'
import { deliveredPaths } from '../../../src/workflows/jobs/deliverables.ts'
import { bodyOf, checksOf, jobNames, type TaskJob } from '../../../src/workflows/jobs/task-jobs.ts'

const HEX = 'a1'.repeat(32)
const job = (path: string, more = '') => `js:${path}#sha256=${HEX}${more}`
const board = toBoardName('TASKS.md')
const task = (id: string, more: Partial<Task> = {}) =>
  ({ key: taskKey(board, toTaskId(id)), id: toTaskId(id), board, ...more }) as Task
const rule = (match: string, more: Partial<JobRule> = {}): JobRule => ({ match, limits: {}, demand: [], ...more })
const rules = (tasks: readonly JobRule[], more: Partial<JobRules> = {}): JobRules => ({
  limits: {},
  demand: [],
  deliverables: 'checked',
  tasks,
  ...more,
})
const names = (jobs: readonly TaskJob[]) =>
  jobs.map(({ job: one }) => (one.kind === 'malformed' ? one.reason : jobName(one)))

test('a cell adds to what the settings ask for, and takes nothing of it away', () => {
  const asked = rules([
    rule('P*', { check: job('a.js') }),
    rule('P1', { check: job('b.js') }),
    rule('Q*', { check: 'x' }),
  ])
  assert.equal(names(checksOf(task('P1', { check: job('own.js') }), asked)), ['js:own.js', 'js:a.js', 'js:b.js'])
  assert.equal(names(checksOf(task('P1', { check: job('a.js') }), asked)), ['js:a.js', 'js:b.js'])
  assert.equal(names(checksOf(task('R1'), asked)), [])
  assert.match(names(checksOf(task('Q1'), asked))[0] ?? '', /none of/)
})

test('the body is the own one of the task, else that of the first rule', () => {
  const asked = rules([
    rule('F*', { limits: { fuel: 5 } }),
    rule('F*', { run: job('a.js') }),
    rule('F*', { run: job('b.js') }),
  ])
  assert.equal(jobNames(task('F1'), asked), { body: 'js:a.js' })
  assert.equal(jobNames(task('F1', { run: job('own.js') }), asked), { body: 'js:own.js' })
  assert.is(bodyOf(task('F1'), asked)?.limits.fuel, 5)
  assert.is(bodyOf(task('P1'), asked), undefined)
})

test('what a rule grants to its own job, no other job gets; a cell gets what a rule without a job grants', () => {
  const [mine, theirs] = [1, 2].map((calls) => ({ aliases: ['search'], calls }))
  const asked = rules([
    rule('*', { check: job('a.js'), http: mine as HttpGrant }),
    rule('*', { run: job('b.js') }),
    rule('P1', { http: theirs as HttpGrant }),
  ])
  const grantsOf = (jobs: readonly (TaskJob | undefined)[]) => jobs.map((one) => one?.http?.calls)
  assert.equal(grantsOf(checksOf(task('P1', { check: job('own.js') }), asked)), [2, 1])
  assert.equal(grantsOf(checksOf(task('P2', { check: job('own.js') }), asked)), [undefined, 1])
  assert.equal(grantsOf([bodyOf(task('P1'), asked), bodyOf(task('P1', { run: job('own.js') }), asked)]), [undefined, 2])
})

test('rules name tasks by id, or by board and id', () => {
  const named = (match: string) => checksOf(task('P0.1'), rules([rule(match, { check: job('a.js') })])).length
  assert.equal(['P0.1', 'P0.*', '*', 'TASKS.md:P0.1', 'TASKS.md:*'].map(named), [1, 1, 1, 1, 1])
  assert.equal(['P0', 'P0.1.2', 'p0.1', 'OTHER.md:*', ''].map(named), [0, 0, 0, 0, 0])
})

test('files are those of the reference, else of the rule, else what the task delivers', () => {
  const [own] = checksOf(task('P1', { check: job('a.js', ' in=x/**'), deliverable: 'docs/a.md' }), undefined)
  assert.equal(own?.inputs, ['x/**'])
  const [delivered] = checksOf(task('P1', { check: job('a.js'), deliverable: '`src/`, docs/a.md' }), undefined)
  assert.equal(delivered?.inputs, ['docs/a.md', 'docs/a.md/**'])
  const [ruled] = checksOf(task('P1', { check: job('a.js') }), rules([rule('P*', { inputs: ['y'], outputs: ['z'] })]))
  assert.equal([ruled?.inputs, ruled?.outputs], [['y'], ['z']])
  assert.equal(bodyOf(task('F1', { run: job('a.js'), deliverable: 'docs/a.md' }), undefined)?.outputs, ['docs/a.md'])
  assert.equal(checksOf(task('F1', { check: job('a.js'), deliverable: 'docs/a.md' }), undefined)[0]?.outputs, [])
})

const limits = fc.record(
  { fuel: fc.nat({ max: 2e9 }), deadlineMs: fc.nat({ max: 60_000 }), files: fc.nat({ max: 500 }) },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<RunLimits>>
const demand = fc.subarray([...RUN_LAYERS])

test('whatever rules say, limits are never above what is allowed nor above any rule, and every layer is demanded', () => {
  const list = fc.array(fc.record({ limits, demand }), { maxLength: 4 })
  fc.assert(
    fc.property(limits, demand, list, (top, layers, more) => {
      const all = rules(
        more.map((one) => rule('P*', one)),
        { limits: top, demand: layers },
      )
      const found = checksOf(task('P1', { check: job('a.js') }), all)[0] as TaskJob
      for (const name of Object.keys(DEFAULT_LIMITS) as (keyof RunLimits)[]) {
        const bounds = [DEFAULT_LIMITS, top, ...more.map((one) => one.limits)].flatMap((one) => one[name] ?? [])
        assert.is(found.limits[name], Math.min(...bounds), name)
      }
      for (const layer of [...layers, ...more.flatMap((one) => one.demand)]) assert.ok(found.demand.includes(layer))
    }),
  )
})

test('a deliverable is a path where it looks like one', () => {
  assert.equal(deliveredPaths('src/sip.ts, docs/api.md; ./README.md'), ['src/sip.ts', 'docs/api.md', 'README.md'])
  assert.equal(deliveredPaths('src/'), ['src'])
  for (const words of [undefined, '', 'tests', 'the parser', 'https://x.example/a', 'v1.2', '../x.md', '/etc/passwd'])
    assert.equal(deliveredPaths(words), [], words)
  assert.equal(deliveredPaths('.git/config a/../b.md'), [])
  assert.is(deliveredPaths(Array.from({ length: 50 }, (_, at) => `a/${at}`).join()).length, 20)
})

test.run()
