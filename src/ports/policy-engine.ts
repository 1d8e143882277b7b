/**
 * Decides by policies that people wrote in a language made for that.
 *
 * An adapter must give:
 *
 * 1. A policy that forbids wins over any that permits.
 * 2. Whatever cannot be judged as it was meant is `error`, never `permit`: a text that does not parse, that is too large,
 *    that fails while it is evaluated; also a failure of the engine itself. The caller refuses, and shows the message.
 * 3. `check` finds what is wrong with the texts alone, each with its place; besides what does not parse, what does not fit
 *    the schema, such as a name that no task has. Who decides by texts that were not checked may be allowed by mistake.
 * 4. Texts are hostile: no text ends the process, and time grows with their length.
 */
import type { Diagnostic } from '../model/index.ts'

export interface PolicyEngine {
  /** Another one whenever `check` could find something else in the same texts. */
  readonly version: string
  /** Never rejects. */
  check(files: readonly PolicyFile[]): Promise<readonly Diagnostic[]>
  /** Never rejects. `standing` is what holds where no policy speaks. */
  decide(files: readonly PolicyFile[], question: PolicyQuestion, standing: 'permit' | 'deny'): Promise<PolicyDecision>
}

export interface PolicyFile {
  /** Path on the branch, for places. */
  readonly name: string
  /** `undefined`: no text that can be read, such as one that is too large. */
  readonly text: string | undefined
}

export const POLICY_ACTIONS = ['claim', 'complete', 'run', 'call'] as const
export type PolicyAction = (typeof POLICY_ACTIONS)[number]

/** Numbers are whole and at least 0. */
export interface PolicyQuestion {
  readonly action: PolicyAction
  readonly principal: PolicySession
  readonly resource: PolicyResource
  readonly context: PolicyContext
}

export interface PolicySession {
  readonly name: string
  readonly capabilities: readonly string[]
  readonly model?: string
  /** Per cent, 0 to 100 (docs/governor.md). */
  readonly reputation: number
  /** Tasks that it holds. */
  readonly holds: number
}

export interface PolicyResource {
  readonly key: string
  readonly id: string
  readonly board: string
  readonly title: string
  readonly section?: string
  readonly priority?: string
  readonly model?: string
  readonly capabilities: readonly string[]
  readonly estimateMinutes?: number
  readonly budgetCents?: number
  readonly approved: boolean
  readonly filler: boolean
  /** Sessions that were granted it so far. */
  readonly tried: readonly string[]
}

export interface PolicyContext {
  /** By UTC: 0 to 23, 0 to 59, and 1, Monday, to 7. */
  readonly hour: number
  readonly minute: number
  readonly weekday: number
  /** What the session has spent, and what its bounds leave it. */
  readonly spentCents: number
  readonly leftCents?: number
  /** Live claims of all sessions. */
  readonly liveClaims: number
}

/** `by`: the policies that decided, such as `night.cedar:3`, with the words that they give for it. */
export type PolicyDecision =
  | { readonly kind: 'permit' | 'forbid'; readonly by: readonly DecidingPolicy[] }
  | { readonly kind: 'error'; readonly message: string }

export interface DecidingPolicy {
  readonly policy: string
  readonly reason?: string
}
