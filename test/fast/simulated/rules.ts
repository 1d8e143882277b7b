/** The rules that can be left out, one at a time, to see that the simulation finds what they prevent. */
export const RULES = [
  'grace',
  'epoch-compare',
  're-read',
  'own-validity',
  'late-registration',
  'carry',
  'closing-fold',
  'quarantine',
  'create-only',
] as const

export type Rule = (typeof RULES)[number]

/** Which rules hold; all of them, unless one is left out. */
export type Kept = (rule: Rule) => boolean
