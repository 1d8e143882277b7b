/** From a text to the same with marks in it. Loaded on use, with the rules. */
import { maskOf } from '../../model/index.ts'
import type { MaskedText } from '../../ports/index.ts'
import type { Finding } from './finding.ts'
import { findOwn, OWN_KINDS } from './own-rules.ts'
import { mayHoldSecret } from './prefilter.ts'
import { findByRules, RULE_KINDS } from './rules.ts'

/** Kinds are words without signs, so nothing has to be escaped. */
const MARKS = new RegExp(`(\\[masked: (?:${[...RULE_KINDS, ...OWN_KINDS].join('|')})\\])`)

export async function maskText(text: string): Promise<MaskedText> {
  const kinds: string[] = []
  const parts: string[] = []
  // Marks stand at odd places. What lies between two is looked at alone, before and after, or a second
  // masking would see other neighbours than the first.
  for (const [at, part] of text.split(MARKS).entries()) parts.push(at % 2 === 1 ? part : await maskBetween(part, kinds))
  return { text: parts.join(''), kinds }
}

/**
 * Found secrets out, then the same for what is left between them: a secret may have hidden another one from a rule
 * that looks at its neighbours. Each round leaves less, so it ends.
 */
async function maskBetween(text: string, kinds: string[]): Promise<string> {
  const found = mayHoldSecret(text) ? disjoint([...(await findByRules(text)), ...findOwn(text)]) : []
  if (found.length === 0) return text
  const parts: string[] = []
  let end = 0
  for (const finding of found) {
    parts.push(await maskBetween(text.slice(end, finding.start), kinds), maskOf(finding.kind))
    kinds.push(finding.kind)
    end = finding.end
  }
  parts.push(await maskBetween(text.slice(end), kinds))
  return parts.join('')
}

/** Sorted; what overlaps is one secret, of the kind that begins first and of these the longest. */
function disjoint(found: readonly Finding[]): Finding[] {
  const sorted = [...found].sort((a, b) => a.start - b.start || b.end - a.end)
  const apart: Finding[] = []
  for (const finding of sorted) {
    const last = apart.at(-1)
    if (last === undefined || finding.start >= last.end) apart.push(finding)
    else if (finding.end > last.end) apart[apart.length - 1] = { ...last, end: finding.end }
  }
  return apart
}
