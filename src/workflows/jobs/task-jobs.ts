/** What a task is checked with and run by: its own words, and the rules of the settings that match it. Pure. */
import { matchParts } from '../../model/glob.ts'
import type { HttpGrant, JobRule, JobRules, ParsedJob, RunLayer, RunLimits, Task } from '../../model/index.ts'
import { jobName, parseJob } from '../../model/job.ts'
import { DEFAULT_LIMITS } from '../../ports/index.ts'
import { deliveredPaths } from './deliverables.ts'

/** One check or body, with all that bounds it. */
export interface TaskJob {
  readonly job: ParsedJob
  /** Patterns of the files of the commit that it may read. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly limits: RunLimits
  /** Layers without which it must not run, sorted. */
  readonly demand: readonly RunLayer[]
  /** Services that it may ask. */
  readonly http?: HttpGrant
}

/** Could `done` have to ask for more than the session's word? Cheap: asked at every completion. */
export function isCheckedTask({ check }: Pick<Task, 'check'>, rules: JobRules | undefined): boolean {
  return check !== undefined || rules !== undefined
}

/** All must pass: what the settings ask for is not taken away by a cell. */
export function checksOf(task: Task, rules: JobRules | undefined): TaskJob[] {
  const matching = rulesFor(task, rules)
  const own = task.check === undefined ? [] : [jobOf(task, task.check, { rules, matching })]
  const theirs = matching.flatMap((rule) =>
    rule.check === undefined || rule.check === task.check ? [] : [jobOf(task, rule.check, { rules, matching, rule })],
  )
  return [...own, ...theirs]
}

/** The task's own, else that of the first rule that has one. */
export function bodyOf(task: Task, rules: JobRules | undefined): TaskJob | undefined {
  const matching = rulesFor(task, rules)
  const rule = task.run === undefined ? matching.find(({ run }) => run !== undefined) : undefined
  const text = task.run ?? rule?.run
  if (text === undefined) return undefined
  const given = deliveredPaths(task.deliverable)
  return jobOf(task, text, { rules, matching, given, ...(rule === undefined ? {} : { rule }) })
}

/** In words, for who holds the task. */
export function jobNames(task: Task, rules: JobRules | undefined): { checks?: readonly string[]; body?: string } {
  const checks = checksOf(task, rules).map(nameOf)
  const body = bodyOf(task, rules)
  return { ...(checks.length === 0 ? {} : { checks }), ...(body === undefined ? {} : { body: nameOf(body) }) }
}

function nameOf({ job }: TaskJob): string {
  return job.kind === 'malformed' ? 'what is not understood' : jobName(job)
}

function rulesFor({ id, board }: Task, rules: JobRules | undefined): readonly JobRule[] {
  const isNamed = (pattern: string, name: string) => matchParts([pattern], [name])
  return rules?.tasks.filter(({ match }) => isNamed(match, id) || isNamed(match, `${board}:${id}`)) ?? []
}

interface Around {
  readonly rules: JobRules | undefined
  readonly matching: readonly JobRule[]
  /** That names the job; absent: the task does, and the first rule that says so has its files. */
  readonly rule?: JobRule
  /** What it gives back where nobody says so. */
  readonly given?: readonly string[]
}

function jobOf(task: Task, text: string, { rules, matching, rule, given = [] }: Around): TaskJob {
  const job = parseJob(text)
  const said = job.kind === 'module' ? job : { inputs: undefined, outputs: undefined }
  const others = rule === undefined ? matching : [rule]
  const inputs = said.inputs ?? others.find((one) => one.inputs !== undefined)?.inputs
  const outputs = said.outputs ?? others.find((one) => one.outputs !== undefined)?.outputs
  const all = [...(rules === undefined ? [] : [rules]), ...matching]
  const http = rule === undefined ? matching.find(isForOwnJobs)?.http : rule.http
  return {
    job,
    inputs: inputs ?? deliveredPaths(task.deliverable).flatMap((path) => [path, `${path}/**`]),
    outputs: outputs ?? given,
    limits: all.map(({ limits }) => limits).reduce(narrowed, DEFAULT_LIMITS),
    demand: [...new Set(all.flatMap(({ demand }) => demand))].sort(),
    ...(http === undefined ? {} : { http }),
  }
}

/** What a rule grants to a job of its own, a cell that somebody else wrote does not get. */
function isForOwnJobs({ check, run, http }: JobRule): boolean {
  return check === undefined && run === undefined && http !== undefined
}

/** The lower of both, each by itself. */
function narrowed(limits: RunLimits, by: Partial<RunLimits>): RunLimits {
  const lower = Object.entries(limits).map(([name, most]) => [
    name,
    Math.min(most, by[name as keyof RunLimits] ?? most),
  ])
  return Object.fromEntries(lower) as unknown as RunLimits
}
