/** What checks and bodies of tasks run by. */
import type { HttpGrant, ObjectId, RunLayer, RunLimits, SessionName, TaskKey } from '../../model/index.ts'
import type { Chassis, Egress, JobRepository, ModuleOutcome } from '../../ports/index.ts'

export interface JobTools {
  readonly repository: JobRepository
  /** Started when a module runs. */
  readonly chassis: () => Promise<Chassis>
  /** Runs commands, as the executor judges them. */
  readonly commands: CommandRunner
  readonly services: ServiceDesk
}

/** Nobody knows whether it would have passed. */
export interface NotRun {
  readonly kind: 'not-run'
  readonly reason: string
  /** What to type next. */
  readonly hint: string
}

/** Never rejects for what a proxy or a claim is like. */
export interface ServiceDesk {
  /** What can be known before anything is claimed: why nobody could ask a service; `undefined`: somebody may. */
  missing(): Promise<NotRun | undefined>
  /** The way to services for one run. */
  open(wish: ServiceWish): Promise<{ readonly kind: 'open'; readonly egress: Egress } | NotRun>
}

export interface ServiceWish extends HttpGrant {
  readonly task: TaskKey
  /** Absent: a person asks, who has not joined. */
  readonly session: SessionName | undefined
  /** Of the module or script whose calls it is for. */
  readonly sha256: string
  /** From now on, the run is over at the latest. */
  readonly ms: number
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
  | NotRun
