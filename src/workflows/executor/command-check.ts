/**
 * A command as the check of a task: judged and run like any other, answered as the chassis answers for a module, so that
 * whoever asks for checks need not tell them apart.
 *
 * It runs in the work tree, for tests need what was installed there. So it says something of a commit only where the
 * tracked files are as that commit has them. What was not started says nothing of the work: `not-run`, never a pass.
 */
import {
  EXECUTOR_LAYERS,
  type ExecutorLayer,
  invariant,
  type ObjectId,
  printable,
  type SessionName,
} from '../../model/index.ts'
import type { CommandLimits, CommandOutcome, ModuleOutcome } from '../../ports/index.ts'
import type { TaskView } from '../../projection/index.ts'
import type { Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { runFor } from './run-command.ts'
import type { ExecutorTools } from './tools.ts'

export interface CommandToCheck {
  readonly session: SessionName
  readonly view: TaskView
  /** Of a `cmd:` check, parsed. */
  readonly argv: readonly string[]
  /** What is to be checked. */
  readonly commit: ObjectId
  /** Of the task: these only narrow what the grant says. */
  readonly limits?: CommandLimits
  /** Layers that the task demands, by the words of the chassis or of the executor. */
  readonly demand?: readonly string[]
}

export type CheckedCommand =
  | {
      readonly kind: 'ran'
      /** Of the chassis' outcomes those that a command can have; a signal is a `trap`. */
      readonly outcome: ModuleOutcome
      readonly layers: readonly ExecutorLayer[]
      readonly stdout: Uint8Array
      readonly stderr: Uint8Array
    }
  /** In words: why, and what to type or whom to ask. */
  | { readonly kind: 'not-run'; readonly reason: string; readonly hint: string }

export async function checkCommand(
  box: Toolbox,
  reading: Reading,
  tools: ExecutorTools,
  { session, view, argv, commit, limits = UNLIMITED, demand = [] }: CommandToCheck,
): Promise<CheckedCommand> {
  const unknown = demand.filter((layer) => layerOf(layer) === undefined)
  if (unknown.length > 0)
    return notRun(
      `${printable(unknown.join(', '), 100)}: no command has that layer around it, and the task demands it`,
      'Name a module or a script as its check: docs/chassis.md',
    )
  if (!(await tools.isAt(commit)))
    return notRun(
      `the work tree does not have the files of ${commit.slice(0, 12)}, and a command runs there`,
      `Check that commit out, without changes of your own, and ask again`,
    )
  const narrowed = { limits, demand: demand.flatMap((layer) => layerOf(layer) ?? []) }
  const answer = await runFor(box, reading, tools, { session, view, argv, narrowed })
  if (answer.kind === 'refused') {
    const { rule, reason, hint } = answer.refusal
    return notRun(`${reason} (rule ${rule})`, hint ?? 'What the rules mean: docs/executor.md')
  }
  const { outcome, layers, stdout, stderr } = answer.report
  if (outcome.kind === 'unstartable')
    return notRun(`the system did not start it: ${outcome.reason}`, 'Try it by hand: if-board run -- COMMAND')
  return { kind: 'ran', outcome: asOfModule(outcome), layers, stdout, stderr }
}

const UNLIMITED: CommandLimits = {
  deadlineMs: Number.POSITIVE_INFINITY,
  outputBytes: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
}

/** A single-use process in a group of its own is what both rooms begin with; they call it by different names. */
function layerOf(layer: string): ExecutorLayer | undefined {
  return layer === 'process' ? 'process-group' : EXECUTOR_LAYERS.find((known) => known === layer)
}

function notRun(reason: string, hint: string): CheckedCommand {
  return { kind: 'not-run', reason, hint }
}

function asOfModule(outcome: CommandOutcome): ModuleOutcome {
  if (outcome.kind === 'signal') return { kind: 'trap', reason: `it was ended by ${outcome.signal}` }
  invariant(
    outcome.kind !== 'denied' && outcome.kind !== 'unavailable' && outcome.kind !== 'unstartable',
    'what was not started was told before',
  )
  return outcome
}
