// @ts-check
/** Order statistics of small samples. */

/**
 * The value below which a share of the sample lies; between two values on a straight line (R-7 of Hyndman and Fan,
 * "Sample Quantiles in Statistical Packages", 1996).
 *
 * @param {readonly number[]} sample  at least one
 * @param {number} share              from 0 to 1
 */
export function quantile(sample, share) {
  if (sample.length === 0) throw new Error('a quantile of nothing')
  const sorted = [...sample].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? 0
  const high = sorted[Math.ceil(at)] ?? 0
  return low + (high - low) * (at - Math.floor(at))
}

/** @param {readonly number[]} sample */
export const median = (sample) => quantile(sample, 0.5)
