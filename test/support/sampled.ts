import { full, seeded } from './clones.ts'

/**
 * Of cases that are alike, all in the long form; else so many of them, drawn by the seed and in their order. For cases
 * that cost processes each: what a quick run leaves out, another one takes.
 */
export function sampled<T>(all: readonly T[], quickly: number, random = seeded()): readonly T[] {
  if (full || all.length <= quickly) return all
  const drawn = all.map((_, at) => ({ at, by: random() })).sort((a, b) => a.by - b.by)
  const kept = new Set(drawn.slice(0, quickly).map(({ at }) => at))
  return all.filter((_, at) => kept.has(at))
}

/** The same where only some of the cases are dear: a quick run draws so many of these, and takes all the others. */
export function sampledDear<T>(
  all: readonly T[],
  isDear: (one: T) => boolean,
  quickly: number,
  random = seeded(),
): readonly T[] {
  const drawn = new Set(sampled(all.filter(isDear), quickly, random))
  return all.filter((one) => !isDear(one) || drawn.has(one))
}
