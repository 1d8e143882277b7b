/** Transcripts that say the tokens of each message, and say a message again when more is known of it. Pure. */
import {
  combineTokens,
  type ModelUsage,
  NO_TOKENS,
  TOKEN_KINDS,
  type TokenCounts,
  tokenCount,
  usageByModel,
} from '../../model/index.ts'

export interface Message {
  readonly id: string
  readonly model: string
  readonly counts: TokenCounts
}

/** Messages that were counted, newest last; of these alone a tool writes further lines. */
export type Recent = readonly (readonly [id: string, counts: TokenCounts])[]

const MOST_RECENT = 32

/** Tokens of these messages beyond what was counted of them, and what is counted now. */
export function countMessages(
  messages: Iterable<Message>,
  recent: Recent,
): { readonly usage: ModelUsage[]; readonly recent: Recent } {
  const latest = new Map<string, Message>()
  for (const message of messages) {
    const before = latest.get(message.id)
    const counts = before === undefined ? message.counts : combineTokens(before.counts, message.counts, Math.max)
    latest.set(message.id, { ...message, counts })
  }
  const before = new Map(recent)
  const usage = usageByModel(
    [...latest.values()].map(({ id, model, counts }) => [
      model,
      combineTokens(counts, before.get(id) ?? NO_TOKENS, (now, then) => Math.max(0, now - then)),
    ]),
  )
  // A line may tell less than the one before it: what was counted stays counted.
  const now = [...latest.values()].map(
    ({ id, counts }) => [id, combineTokens(counts, before.get(id) ?? NO_TOKENS, Math.max)] as const,
  )
  return { usage, recent: [...recent.filter(([id]) => !latest.has(id)), ...now].slice(-MOST_RECENT) }
}

/** As it was kept in a mark. */
export function readRecent(value: unknown): Recent {
  if (!Array.isArray(value)) return []
  return value.slice(-MOST_RECENT).flatMap((entry) => {
    const [id, counts] = Array.isArray(entry) ? entry : []
    if (typeof id !== 'string' || typeof counts !== 'object' || counts === null) return []
    const kinds = TOKEN_KINDS.map((kind) => [kind, tokenCount((counts as Record<string, unknown>)[kind])])
    return [[id, Object.fromEntries(kinds) as unknown as TokenCounts] as const]
  })
}
