/** Run a command for a task that the session holds: judged, run, and noted for the log. */
import type { Refusal } from '../../governor/index.ts'
import {
  type CommandGrant,
  type Execution,
  type ExecutionOutcome,
  type ExecutorLayer,
  IfBoardError,
  type ProxyWay,
  printable,
  type SessionName,
} from '../../model/index.ts'
import type { CommandLimits, CommandOutcome, CommandReport } from '../../ports/index.ts'
import type { TaskView } from '../../projection/index.ts'
import { isProxyVariable } from '../../proxy/index.ts'
import { findTask, heldTasks, theOnlyHeld } from '../find-task.ts'
import { noteDenial, noteFact } from '../pending.ts'
import { type Reading, read } from '../read.ts'
import { taskOf } from '../task-of.ts'
import type { Toolbox } from '../toolbox.ts'
import { type JudgedCommand, judgeCommand, layerRefusal, pinLine } from './judge-command.ts'
import type { ExecutorTools } from './tools.ts'

export interface CommandAsked {
  readonly session: SessionName
  /** As typed; without, the only task that the session holds. */
  readonly task: string | undefined
  readonly argv: readonly string[]
}

export type CommandAnswer =
  | {
      readonly kind: 'ran'
      readonly view: TaskView
      readonly grant: CommandGrant
      readonly report: CommandReport
      /** Where it was told of a proxy. */
      readonly proxy: ProxyWay | undefined
    }
  | { readonly kind: 'refused'; readonly view: TaskView; readonly refusal: Refusal }

/**
 * @throws IfBoardError `claim/none-held`, `claim/several-held`, `task/unknown`, `task/ambiguous`,
 *   `executor/pins-unreadable`, and as `read`
 */
export async function runCommand(
  box: Toolbox,
  tools: ExecutorTools,
  { session, task, argv }: CommandAsked,
): Promise<CommandAnswer> {
  const reading = await read(box)
  const view = heldView(reading, session, task)
  return runFor(box, reading, tools, { session, view, argv })
}

export interface CommandFor {
  readonly session: SessionName
  readonly view: TaskView
  readonly argv: readonly string[]
  /** Of whoever asks: what narrows the grant. */
  readonly narrowed?: Narrowed
}

export interface Narrowed {
  readonly limits: CommandLimits
  readonly demand: readonly ExecutorLayer[]
}

export async function runFor(
  box: Toolbox,
  reading: Reading,
  tools: ExecutorTools,
  { session, view, argv, narrowed }: CommandFor,
): Promise<CommandAnswer> {
  const refused = async (refusal: Refusal): Promise<CommandAnswer> => {
    const { rule, reason } = refusal
    await noteDenial(box, reading, { session, view, rule, reason, asked: JSON.stringify(argv) })
    return { kind: 'refused', view, refusal }
  }
  const judged = await judgeCommand(box, reading, { session, view, argv }, tools.pins)
  if (judged.kind === 'refuse') return refused(judged)
  const environment = environmentOf(judged.grant, tools.environment)
  const report = await start(tools, judged, environment, narrowed)
  const refusal = refusalOf(judged, report.outcome)
  if (refusal !== undefined) return refused(refusal)
  const proxy = proxyWay(environment, judged.grant, report)
  const executed = { ...executionOf(judged, argv, report), ...(proxy === undefined ? {} : { proxy }) }
  const data = { task: taskOf(view), executed, reason: wordsOf(executed) }
  await noteFact(box, session, { type: 'executed', subject: view.task.key, data })
  return { kind: 'ran', view, grant: judged.grant, report, proxy }
}

/** Only who holds a task runs commands for it. */
function heldView({ snapshot }: Reading, session: SessionName, task: string | undefined): TaskView {
  const key =
    task === undefined ? theOnlyHeld(snapshot, session, 'run --task').claim.key : findTask(snapshot, task).task.key
  const held = heldTasks(snapshot, session).find(({ claim }) => claim.key === key)
  if (held?.kind === 'row') return held.view
  throw new IfBoardError('claim/none-held', `${session} does not hold ${printable(task ?? key, 60)}`, {
    hint: 'if-board next',
  })
}

const SECOND_MS = 1_000
const KIB = 1_024
const MIB = 2 ** 20

async function start(
  { executor, tree, folder, stop }: ExecutorTools,
  { grant, pin, args, paths, demand }: JudgedCommand,
  environment: ReadonlyMap<string, string>,
  narrowed: Narrowed | undefined,
): Promise<CommandReport> {
  const { network, reads, writes } = grant
  return executor.run({
    ...{ pin, args, folder, tree, paths, environment, network, reads, writes, stop },
    demand: [...new Set([...demand, ...(narrowed?.demand ?? [])])],
    limits: smaller(limitsOf(grant), narrowed?.limits),
  })
}

function limitsOf({ timeoutSeconds, outputKiB, memoryMiB }: CommandGrant): CommandLimits {
  return { deadlineMs: timeoutSeconds * SECOND_MS, outputBytes: outputKiB * KIB, memoryBytes: memoryMiB * MIB }
}

function smaller(a: CommandLimits, b: CommandLimits = a): CommandLimits {
  return {
    deadlineMs: Math.min(a.deadlineMs, b.deadlineMs),
    outputBytes: Math.min(a.outputBytes, b.outputBytes),
    memoryBytes: Math.min(a.memoryBytes, b.memoryBytes),
  }
}

/** What the grammar sets, what is handed on, and what the settings set, the last word. */
function environmentOf(
  { grammar, environment, set }: CommandGrant,
  own: ExecutorTools['environment'],
): ReadonlyMap<string, string> {
  const handedOn = environment.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]))
  return new Map([...Object.entries(grammar.set ?? {}), ...handedOn, ...Object.entries(set)])
}

/** A proxy is the only way out where there is no other; without a wall around the network it is advice. */
function proxyWay(
  environment: ReadonlyMap<string, string>,
  { network }: CommandGrant,
  { layers }: CommandReport,
): ProxyWay | undefined {
  if (![...environment.keys()].some(isProxyVariable)) return undefined
  return layers.includes('bwrap') && network === 'none' ? 'only' : 'advisory'
}

function refusalOf({ grant }: JudgedCommand, outcome: CommandOutcome): Refusal | undefined {
  if (outcome.kind === 'unavailable') return layerRefusal(outcome.layers, grant)
  if (outcome.kind !== 'denied') return undefined
  const { rule, reason } = outcome
  const hint =
    rule === 'pin' ? `Look at what has changed; then a person pins it again: ${pinLine(grant.name)}` : undefined
  return { kind: 'refuse', rule, reason, ...(hint === undefined ? {} : { hint }) }
}

function executionOf({ grant, pin }: JudgedCommand, argv: readonly string[], report: CommandReport): Execution {
  const { outcome, layers, ms, stdout, stderr } = report
  return {
    command: grant.name,
    program: grant.program,
    // Cut when secrets are masked, not before: half a secret is found by no rule.
    words: argv.slice(1).join(' '),
    sha256: pin.sha256,
    outcome: outcome.kind as ExecutionOutcome,
    ...(outcome.kind === 'exit' ? { status: outcome.status } : {}),
    ...(outcome.kind === 'signal' ? { signal: outcome.signal } : {}),
    layers,
    ms,
    outputBytes: stdout.length + stderr.length,
  }
}

/** For people, the end first, because what is long is cut: `exit 1: npm test`. */
function wordsOf({ program, words, outcome, status }: Execution): string {
  return `${outcome}${status === undefined ? '' : ` ${status}`}: ${program} ${words}`
}

export interface DryRun {
  readonly verdict: 'allow' | 'refuse'
  readonly refusal: Refusal | undefined
  /** Of what is allowed. */
  readonly command: string | undefined
  readonly program: string | undefined
  readonly args: readonly string[]
  readonly needs: readonly ExecutorLayer[]
}

/** What `runCommand` would say before it looks at files; nothing is started, and nothing noted. */
export async function dryRun(
  box: Toolbox,
  tools: ExecutorTools,
  { session, task, argv }: CommandAsked,
): Promise<DryRun> {
  const reading = await read(box)
  const view =
    task === undefined
      ? heldTasks(reading.snapshot, session).flatMap((held) => (held.kind === 'row' ? [held.view] : []))[0]
      : findTask(reading.snapshot, task)
  const judged = await judgeCommand(box, reading, { session, view, argv }, tools.pins)
  const layers = await tools.executor.layers()
  const missing = judged.kind === 'allowed' ? judged.demand.filter((layer) => !layers.includes(layer)) : []
  const refusal =
    judged.kind === 'refuse' ? judged : missing.length > 0 ? layerRefusal(missing, judged.grant) : undefined
  if (refusal !== undefined || judged.kind === 'refuse')
    return { verdict: 'refuse', refusal, command: undefined, program: undefined, args: [], needs: [] }
  return {
    verdict: 'allow',
    refusal: undefined,
    command: judged.grant.name,
    program: judged.pin.path,
    args: judged.args,
    needs: judged.demand,
  }
}
