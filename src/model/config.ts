/** `.if-board/config.yml` of the coordination branch, with every default filled in. */
import type { CommandSettings } from './command.ts'
import type { EscalationRules } from './escalation.ts'
import type { GovernorConfig } from './governor.ts'
import type { SessionName } from './ids.ts'
import type { JobRules } from './job.ts'
import type { ProxyAlias } from './proxy.ts'

export interface Config {
  /** Glob patterns of boards below the branch root, in order; nothing else is parsed. */
  readonly boards: readonly string[]
  /** Random id of this project's boards, 32 hexadecimal digits. */
  readonly boardId: string
  readonly authority: 'remote' | 'local'
  /** `custom` keeps refs under `refs/if-board/`; `heads` is for servers that refuse these. */
  readonly refs: 'custom' | 'heads'
  /** Shortest lease of a grant, in minutes; default 30. */
  readonly leaseMinutes: number
  /** Seconds after which a completion is folded; default 5 (local), 30 (remote). */
  readonly foldEverySeconds: number
  /** `reported`: the session's word settles a task; `merged`: its commit must reach `baseBranch`. */
  readonly doneWhen: 'reported' | 'merged'
  readonly baseBranch: string | undefined
  /** Claims one session may hold at once; default 1. */
  readonly maxTasks: number
  /** Claims that may live at once over all sessions; undefined = no cap. */
  readonly maxClaims: number | undefined
  /** Sessions that a person set aside, with the reason. */
  readonly pausedSessions: ReadonlyMap<SessionName, string>
  readonly doNotTouch: readonly string[]
  /** Capabilities, budgets, breakers, policies and objectives. */
  readonly governor: GovernorConfig
  /** What tasks are checked with and run by, and within which limits; absent: what boards say alone. */
  readonly checks?: JobRules | undefined
  /** Where etcd is, such as `https://etcd.example:2379`; who may ask it is never written on a board. */
  readonly fastEndpoints?: readonly string[] | undefined
  /** When claims go to etcd and back by themselves; left out: when a person says so alone. */
  readonly escalation?: EscalationRules | undefined
  /** Commands that the executor may run, in the order of the file; left out: none. */
  readonly commands?: readonly CommandSettings[] | undefined
  /** Services that sessions reach through the proxy; left out: none. Where secrets come from is never written on a board. */
  readonly proxy?: readonly ProxyAlias[] | undefined
  /** `phase`: the phases of a board are an order (see `board/phases.ts`); left out, only what is written counts. */
  readonly implicit?: 'phase' | undefined
}
