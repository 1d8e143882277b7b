/** When claims go to etcd and back by themselves (`fast.escalate` of the settings); the rule is `fast/escalation.ts`. */
export interface EscalationRules {
  /** To etcd, where of so many claims of one clone in so many minutes either figure is above its threshold. */
  readonly up: {
    readonly claims: number
    readonly minutes: number
    /** Share of pushes for claims that came to nothing. */
    readonly lostPercent: number
    /** Nine of ten claims take at most this, from the first push to the answer. */
    readonly waitSeconds: number
  }
  /** To git, where etcd took fewer claims of all clones than this for so long. */
  readonly down: { readonly claimsPerMinute: number; readonly minutes: number }
  /** Between two changes of who decides. */
  readonly leastMinutes: number
}

export const ESCALATION_DEFAULTS: EscalationRules = {
  up: { claims: 10, minutes: 5, lostPercent: 50, waitSeconds: 5 },
  down: { claimsPerMinute: 1, minutes: 30 },
  leastMinutes: 30,
}
