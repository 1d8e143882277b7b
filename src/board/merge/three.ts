/** The three versions of a merge, and the rule that all of it rests on. */

export interface Versions<T> {
  /** What both sides started from. */
  readonly base: T
  readonly ours: T
  readonly theirs: T
}

export const SIDES = ['base', 'ours', 'theirs'] as const
export type Side = (typeof SIDES)[number]

export type Choice<T> = { readonly kind: 'chosen'; readonly value: T } | { readonly kind: 'conflict' }

/** Equal on both sides: that; changed on one side: the change; else nobody can choose. */
export function choose<T>({ base, ours, theirs }: Versions<T>): Choice<T> {
  if (ours === theirs || theirs === base) return { kind: 'chosen', value: ours }
  return ours === base ? { kind: 'chosen', value: theirs } : { kind: 'conflict' }
}

/** For what is no edit of anybody, such as padding: ours, where both changed it. */
export function preferOurs<T>(versions: Versions<T>): T {
  const choice = choose(versions)
  return choice.kind === 'chosen' ? choice.value : versions.ours
}

export function each<T, R>({ base, ours, theirs }: Versions<T>, map: (version: T, side: Side) => R): Versions<R> {
  return { base: map(base, 'base'), ours: map(ours, 'ours'), theirs: map(theirs, 'theirs') }
}
