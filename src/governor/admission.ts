/**
 * May this session take one more task? A verdict with its reason; rules of the config alone.
 * Capabilities, budgets, breakers and policies add their verdicts beside this one.
 */
import type { Config, SessionName } from '../model/index.ts'

export type Verdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly rule: string; readonly reason: string }

export interface AdmissionRequest {
  readonly config: Config
  readonly session: SessionName
  /** Live claims of this session. */
  readonly holds: number
  /** Live claims of all sessions. */
  readonly liveClaims: number
}

/** Judge one more claim, before it is asked for. */
export function admit({ config, session, holds, liveClaims }: AdmissionRequest): Verdict {
  const paused = config.pausedSessions.get(session)
  if (paused !== undefined)
    return {
      kind: 'refuse',
      rule: 'session-paused',
      reason: `${session} is paused${paused === '' ? '' : `: ${paused}`}`,
    }
  if (holds >= config.maxTasks)
    return {
      kind: 'refuse',
      rule: 'max-tasks',
      reason: `${session} holds ${holds} of at most ${config.maxTasks} task${config.maxTasks === 1 ? '' : 's'} (maxTasks)`,
    }
  if (config.maxClaims !== undefined && liveClaims >= config.maxClaims)
    return {
      kind: 'refuse',
      rule: 'max-claims',
      reason: `${liveClaims} of at most ${config.maxClaims} claims are live (maxClaims)`,
    }
  return { kind: 'allow' }
}
