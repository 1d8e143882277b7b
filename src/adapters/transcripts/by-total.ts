/** Transcripts that tell a total of the session, again and again. */
import { combineTokens, NO_TOKENS, TOKEN_KINDS, type TokenCounts, tokenCount, usageByModel } from '../../model/index.ts'
import type { Reading } from '../../ports/transcripts.ts'
import { codexLine } from './formats.ts'
import { type Kept, type Mark, markText } from './mark.ts'
import { readTail } from './tail.ts'
import { fieldsOf, nameOf } from './values.ts'

/** Windows in which the newest total is looked for. */
const WINDOWS = [256 * 1024, 8 * 1024 * 1024]

export async function sinceTotal(path: string, before: Mark | undefined): Promise<Reading | undefined> {
  for (const window of WINDOWS) {
    const read = await readTotals(path, before?.get(path), window)
    if (read === undefined) continue
    const { usage, counted, kept } = read
    return { usage, counted, mark: markText(path, new Map([[path, kept]])) }
  }
  // Nothing is known of the tokens so far: what comes next could not be told from them.
  return undefined
}

async function readTotals(path: string, kept: Kept | undefined, window: number) {
  const tail = await readTail(path, kept, window)
  if (tail === undefined) return undefined
  const grown = tail.kind === 'grown'
  const began = grown ? readCounts(kept?.total) : tail.whole ? NO_TOKENS : undefined
  const { usage, total, model } = countTotals(tail.lines, began, grown ? nameOf(kept?.model) : '')
  if (total === undefined) return undefined
  const counted = tail.kind === 'replaced' ? ('part' as const) : ('all' as const)
  return { usage: grown ? usage : [], counted, kept: { ...tail.mark, total, model } }
}

function readCounts(value: unknown): TokenCounts | undefined {
  const counts = fieldsOf(value)
  if (counts === undefined) return undefined
  return Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, tokenCount(counts[kind])])) as unknown as TokenCounts
}

/** A total below the one before it began anew: what that adds is not known, what follows is. */
function countTotals(lines: readonly string[], began: TokenCounts | undefined, modelBefore: string) {
  let total = began
  let model = modelBefore
  const spent: (readonly [string, TokenCounts])[] = []
  for (const line of lines) {
    const said = codexLine(line)
    if (said?.kind === 'model') model = said.model
    if (said?.kind !== 'total') continue
    const { total: now } = said
    const then = total
    if (then !== undefined && TOKEN_KINDS.every((kind) => now[kind] >= then[kind]))
      spent.push([model, combineTokens(now, then, (a, b) => a - b)])
    total = now
  }
  return { usage: usageByModel(spent), total, model }
}
