/** What checks and bodies of tasks run by. */
import type { ObjectId, RunLayer, RunLimits, SessionName, TaskKey } from '../../model/index.ts'
import type { Chassis, JobRepository, ModuleOutcome } from '../../ports/index.ts'

export interface JobTools {
  readonly repository: JobRepository
  /** Started when a module runs. */
  readonly chassis: () => Promise<Chassis>
  /** Runs commands, as the executor judges them. */
  readonly commands: CommandRunner
}

/** As the chassis does: it never rejects for what a command does, and whatever did not run says so. */
export type CommandRunner = (run: CommandRun) => Promise<CommandReport>

export interface CommandRun {
  readonly argv: readonly string[]
  readonly task: TaskKey
  /** Absent: a person asks, who has not joined. */
  readonly session: SessionName | undefined
  readonly purpose: 'done' | 'check' | 'run'
  /** Whose files it is meant for. */
  readonly commit: ObjectId
  readonly limits: RunLimits
  readonly demand: readonly RunLayer[]
}

export type CommandReport =
  | {
      readonly kind: 'ran'
      readonly outcome: ModuleOutcome
      /** What stood between it and the machine. */
      readonly layers: readonly string[]
      readonly stdout: Uint8Array
      readonly stderr: Uint8Array
    }
  /** In words: why, and what to type or whom to ask. */
  | { readonly kind: 'not-run'; readonly reason: string; readonly hint: string }
