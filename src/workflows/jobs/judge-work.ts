/** Does the work of a task, as it is at a commit, pass? Its deliverables are there, and all its checks pass. */
import type { ObjectId, Run, SessionName, Task } from '../../model/index.ts'
import { findEntry } from '../branch-tree.ts'
import { noteFact } from '../pending.ts'
import type { Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { treeOf } from './commit-files.ts'
import { deliveredPaths } from './deliverables.ts'
import { notHere, orNotRun, shortOid } from './gather.ts'
import { type JobQuestion, type JobResult, NO_TOOLS, runJob, toolsOf } from './run-job.ts'
import { checksOf } from './task-jobs.ts'
import type { JobTools, NotRun } from './tools.ts'

export interface WorkQuestion {
  readonly task: Task
  /** Absent: a person asks, who has not joined; nothing is logged then. */
  readonly session: SessionName | undefined
  readonly purpose: Exclude<Run['purpose'], 'run'>
  /** Absent: none is named, and HEAD has none. */
  readonly commit: ObjectId | undefined
}

export interface Judged {
  /** Absent: the work passes. */
  readonly refusal: WorkRefusal | undefined
  /** Of the checks that ran, up to the first that did not pass. */
  readonly results: readonly JobResult[]
}

export interface WorkRefusal {
  readonly kind: 'refuse'
  readonly rule: 'check' | 'check-not-run' | 'deliverable'
  readonly reason: string
  readonly hint: string
  /** What the check printed. */
  readonly output?: string
}

/** Results of one command: a completion that is tried again is not checked again. */
export type CheckMemo = Map<string, JobResult>

export async function judgeWork(
  box: Toolbox,
  reading: Reading,
  question: WorkQuestion,
  memo: CheckMemo = new Map(),
): Promise<Judged> {
  const { task, session, purpose, commit } = question
  const rules = reading.config.checks
  const checks = checksOf(task, rules)
  if (checks.length === 0 && rules?.deliverables !== 'all') return { refusal: undefined, results: [] }
  const paths = deliveredPaths(task.deliverable)
  if (checks.length + paths.length === 0) return { refusal: undefined, results: [] }
  if (commit === undefined) return { refusal: unknown(task, NO_COMMIT), results: [] }
  const tools = await toolsOf(box)
  const missing = await missingPath(tools, commit, paths)
  if (missing !== undefined) return { refusal: missingRefusal(task, commit, missing), results: [] }
  const results: JobResult[] = []
  for (const what of checks) {
    const result = await once(box, reading, { tools, memo, question: { task, what, session, purpose, commit } })
    results.push(result)
    if (result.verdict !== 'passed') return { refusal: refusalOf(task, result), results }
  }
  return { refusal: undefined, results }
}

interface OnceQuestion {
  readonly tools: JobTools | undefined
  readonly memo: CheckMemo
  readonly question: JobQuestion
}

async function once(box: Toolbox, reading: Reading, { tools, memo, question }: OnceQuestion): Promise<JobResult> {
  const { task, what, commit } = question
  const name = JSON.stringify([task.key, commit, what])
  const known = memo.get(name)
  if (known !== undefined) return known
  const result = await runJob(box, reading, tools, question)
  memo.set(name, result)
  await noteRun(box, question, result)
  return result
}

/** The same run with the same end is said once. */
export async function noteRun(
  box: Toolbox,
  { task, session, what }: Pick<JobQuestion, 'task' | 'session' | 'what'>,
  { run }: JobResult,
): Promise<void> {
  if (run === undefined || session === undefined) return
  const { key, board, id, title } = task
  const data = { task: { board, id, title }, ran: run }
  await noteFact(box, session, { type: 'ran', subject: key, data }, JSON.stringify([what.limits, run]))
}

/** A path of the deliverable that the commit does not have, or why that is not known. */
async function missingPath(
  tools: JobTools | undefined,
  commit: ObjectId,
  paths: readonly string[],
): Promise<string | NotRun | undefined> {
  if (paths.length === 0) return undefined
  if (tools === undefined) return NO_TOOLS
  const { objects } = tools.repository
  return orNotRun(async () => {
    const tree = await treeOf(objects, commit)
    if (tree === undefined) return notHere(commit)
    for (const path of paths) if ((await findEntry(objects, tree, path)) === undefined) return path
    return undefined
  })
}

const NO_COMMIT: NotRun = {
  kind: 'not-run',
  reason: 'no commit is named that this clone has',
  hint: 'Commit the work, or name its commit: --evidence COMMIT',
}

function missingRefusal(task: Task, commit: ObjectId, missing: string | NotRun): WorkRefusal {
  if (typeof missing !== 'string') return unknown(task, missing)
  return {
    kind: 'refuse',
    rule: 'deliverable',
    reason: `${task.id} delivers \`${missing}\`, which is not in ${shortOid(commit)}`,
    hint: `Commit it and say it again: if-board done ${task.id}`,
  }
}

function unknown({ id }: Task, { reason, hint }: NotRun): WorkRefusal {
  return { kind: 'refuse', rule: 'check-not-run', reason: `the check of ${id} could not be run: ${reason}`, hint }
}

function refusalOf(task: Task, { verdict, name, reason, hint, output }: JobResult): WorkRefusal {
  const retry = `if-board check ${task.id}`
  if (verdict === 'not-run')
    return unknown(task, { kind: 'not-run', reason: `${name}: ${reason}`, hint: hint ?? `Try again: ${retry}` })
  return {
    kind: 'refuse',
    rule: 'check',
    reason: `${name} does not pass: ${reason}`,
    hint: `The claim stays. Mend it and commit; to try without completing: ${retry}`,
    ...(output === '' ? {} : { output }),
  }
}
