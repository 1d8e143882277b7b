/** One run of a check or a body: gathered, run, and told. What ran is a fact of the session's log. */
import { limitsFor } from '../../governor/index.ts'
import {
  clip,
  isJudged,
  isPassed,
  type Job,
  type ModuleJob,
  type ObjectId,
  printable,
  type Run,
  type RunLimits,
  type SessionName,
  type Task,
} from '../../model/index.ts'
import { jobName } from '../../model/job.ts'
import type { ModuleHttp, ModuleOutcome, ModuleOutput, ModuleReport } from '../../ports/index.ts'
import { admissionFacts } from '../admission-facts.ts'
import type { Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { gather } from './gather.ts'
import type { TaskJob } from './task-jobs.ts'
import type { CommandReport, JobTools, NotRun } from './tools.ts'

export interface JobQuestion {
  readonly task: Task
  readonly what: TaskJob
  /** Absent: a person asks, who has not joined. */
  readonly session: SessionName | undefined
  readonly purpose: Run['purpose']
  readonly commit: ObjectId
}

/** `not-run`: nobody knows whether it would have passed. */
export interface JobResult {
  readonly verdict: 'passed' | 'failed' | 'not-run'
  /** Such as `js:checks/api.js`. */
  readonly name: string
  /** Why it did not pass, printable; `''`: it did. */
  readonly reason: string
  readonly hint: string | undefined
  /** What it printed, printable, its end where it is long. */
  readonly output: string
  /** For the log; absent where nothing was started. */
  readonly run: Run | undefined
  /** Of a run that passed. */
  readonly files: ReadonlyMap<string, ModuleOutput>
}

/** The clock of a module begins here, so that a run can be repeated. */
const CLOCK_MS = 0

/** Never rejects for what a job, a module or a clone is like. */
export async function runJob(
  box: Toolbox,
  reading: Reading,
  tools: JobTools | undefined,
  question: JobQuestion,
): Promise<JobResult> {
  const { what, session } = question
  const { job } = what
  if (job.kind === 'malformed') return notRun('its check or body', notUnderstood(job.reason))
  if (tools === undefined) return notRun(jobName(job), NO_TOOLS)
  const reputation = session === undefined ? undefined : admissionFacts(box, reading, session).reputation
  const limits = reputation === undefined ? what.limits : limitsFor(what.limits, reputation)
  const asked = { ...question, job, limits }
  const report = await reportOf(box, reading, tools, asked)
  return report.kind === 'not-run' ? notRun(jobName(job), report) : resultOf(asked, report.report)
}

interface Asked extends JobQuestion {
  readonly job: Job
  /** Those of the task, narrowed for this session. */
  readonly limits: RunLimits
}

function notUnderstood(reason: string): NotRun {
  return {
    kind: 'not-run',
    reason: `what it names is not understood: ${reason}`,
    hint: 'A person corrects it on the board; its place: if-board lint',
  }
}

export const NO_TOOLS: NotRun = { kind: 'not-run', reason: 'nothing runs here', hint: 'Ask in a clone of the project' }

export async function toolsOf({ jobs }: Toolbox): Promise<JobTools | undefined> {
  return typeof jobs === 'function' ? jobs() : undefined
}

/** What is told of a run, of whichever kind. */
type Report = Omit<ModuleReport, 'layers'> & { readonly layers: readonly string[] }
type Reported = { readonly kind: 'ran'; readonly report: Report } | NotRun

/** A command counts no fuel, and what it writes stays where it ran. */
function ofCommand(answer: CommandReport): Reported {
  if (answer.kind === 'not-run') return answer
  const { outcome, layers, stdout, stderr } = answer
  const uncounted = { fuel: undefined, memoryBytes: undefined, outputs: new Map(), http: [] }
  return { kind: 'ran', report: { outcome, layers, stdout, stderr, ...uncounted } }
}

async function reportOf(box: Toolbox, reading: Reading, tools: JobTools, asked: Asked): Promise<Reported> {
  const { task, what, session, purpose, commit, job, limits } = asked
  const { demand } = what
  if (job.kind === 'command') {
    const run = { argv: job.argv, task: task.key, session, purpose, commit, limits, demand }
    return ofCommand(await tools.commands(run))
  }
  const gathered = await gather(box, reading, { tools, job, task: what, commit })
  if (gathered.kind === 'not-run') return gathered
  const http = await httpOf(tools, asked, job)
  if (http !== undefined && 'kind' in http) return http
  const chassis = await tools.chassis()
  const report = await chassis.run({
    language: job.form === 'js' ? 'script' : 'wasm',
    module: gathered.module,
    sha256: job.sha256,
    args: [job.path, task.id],
    environment: new Map(),
    stdin: new Uint8Array(),
    inputs: gathered.inputs,
    outputs: what.outputs,
    folder: '/',
    seed: commit,
    clockMs: CLOCK_MS,
    limits,
    demand,
    http,
  })
  return { kind: 'ran', report }
}

/** What it was granted, and the way there; nothing is asked for where nothing was granted. */
async function httpOf(
  tools: JobTools,
  { what: { http }, task, session, limits }: Asked,
  { sha256 }: ModuleJob,
): Promise<ModuleHttp | NotRun | undefined> {
  if (http === undefined) return undefined
  const opened = await tools.services.open({ ...http, task: task.key, session, sha256, ms: limits.deadlineMs })
  return opened.kind === 'not-run' ? opened : { ...http, egress: opened.egress }
}

function notRun(name: string, { reason, hint }: NotRun): JobResult {
  return {
    verdict: 'not-run',
    name,
    reason: printable(reason, 500),
    hint,
    output: '',
    run: undefined,
    files: new Map(),
  }
}

/** Outputs that one event names, and characters of each path: an event has at most 64 KiB, and the commit has them all. */
const MOST_NAMED = 50
const PATH_LENGTH = 300

function resultOf({ job, purpose, commit }: Asked, report: Report): JobResult {
  const { outcome, layers, fuel, memoryBytes, outputs, http } = report
  const named = [...outputs]
    .slice(0, MOST_NAMED)
    .map(([path, { sha256 }]) => ({ path: clip(path, PATH_LENGTH), sha256 }))
  const run: Run = {
    purpose,
    job: jobName(job),
    ...(job.kind === 'module' ? { sha256: job.sha256 } : {}),
    commit,
    outcome: outcome.kind,
    ...(outcome.kind === 'exit' ? { status: outcome.status } : {}),
    layers,
    ...(fuel === undefined ? {} : { fuel }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(named.length === 0 ? {} : { outputs: named }),
    ...(http.length === 0 ? {} : { http }),
  }
  const passed = isPassed(run)
  return {
    verdict: passed ? 'passed' : isJudged(run) ? 'failed' : 'not-run',
    name: run.job,
    reason: passed ? '' : printable(`${endOf(outcome)}${unreachableWords(run)}`, 300),
    hint: outcome.kind === 'unavailable' ? UNAVAILABLE_HINT : undefined,
    output: outputText(report),
    run,
    files: passed ? outputs : new Map(),
  }
}

const UNAVAILABLE_HINT = 'Say done on a machine that has these layers (docs/chassis.md)'

function endOf(outcome: ModuleOutcome): string {
  switch (outcome.kind) {
    case 'completed':
      return 'it passed'
    case 'exit':
      return `it ended with status ${outcome.status}`
    case 'unavailable':
      return `it needs what this machine does not have: ${outcome.layers.join(', ')}`
    case 'stopped':
      return 'it was stopped'
    default:
      return `${outcome.kind}: ${outcome.reason}`
  }
}

/** The proxy ended while it ran. */
function unreachableWords({ http = [] }: Run): string {
  const calls = http.reduce((sum, { unreachable = 0 }) => sum + unreachable, 0)
  return calls === 0 ? '' : `, and no proxy answered ${calls} of its calls`
}

const MOST_LINES = 40
const LINE_LENGTH = 400

/** A module chose every byte of it: each line made safe to show, the last ones of them. */
function outputText({ stdout, stderr }: Pick<ModuleReport, 'stdout' | 'stderr'>): string {
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trimEnd()).filter((one) => one !== '')
  const lines = text.flatMap((one) => one.split(/\r?\n/))
  const left = lines.length - MOST_LINES
  const shown = lines.slice(-MOST_LINES).map((line) => printable(line, LINE_LENGTH))
  return [...(left > 0 ? [`… (${left} lines before)`] : []), ...shown].join('\n')
}
