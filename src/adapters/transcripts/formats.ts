/** The lines of each tool. Pure. */
import { type TokenCounts, tokenCount } from '../../model/index.ts'
import type { Message } from './messages.ts'
import { fieldsOf, nameOf, objectOf } from './values.ts'

/**
 * Claude Code: `message.usage` of lines with `"type":"assistant"`, as the Messages API gives it
 * (platform.claude.com/docs, "Prompt caching", "Tracking cache performance"). A message has one line for each part of
 * its content, all with one `message.id`; the count of its output grows from line to line.
 */
export function claudeMessage(line: string): Message | undefined {
  const entry = objectOf(line, '"usage"')
  const message = fieldsOf(entry?.message)
  const usage = fieldsOf(message?.usage)
  const model = nameOf(message?.model)
  if (entry?.type !== 'assistant' || usage === undefined || typeof message?.id !== 'string') return undefined
  if (model === '<synthetic>') return undefined // said by the tool itself
  const written = tokenCount(usage.cache_creation_input_tokens)
  const hour = Math.min(written, tokenCount(fieldsOf(usage.cache_creation)?.ephemeral_1h_input_tokens))
  return {
    id: message.id.slice(0, 200),
    model,
    counts: {
      freshTokens: tokenCount(usage.input_tokens),
      cacheReadTokens: tokenCount(usage.cache_read_input_tokens),
      cacheWriteTokens: written - hour,
      cacheHourTokens: hour,
      outputTokens: tokenCount(usage.output_tokens),
    },
  }
}

/**
 * Gemini CLI: `tokens` of lines with `"type":"gemini"` (google-gemini/gemini-cli,
 * packages/core/src/services/chatRecordingTypes.ts). `input` includes `cached`, `output` does not include `thoughts`.
 * A message is written again when its tokens or the results of its tools are known.
 */
export function geminiMessage(line: string): Message | undefined {
  const entry = objectOf(line, '"tokens"')
  const used = fieldsOf(entry?.tokens)
  if (entry?.type !== 'gemini' || used === undefined || typeof entry.id !== 'string') return undefined
  const cached = Math.min(tokenCount(used.cached), tokenCount(used.input))
  return {
    id: entry.id.slice(0, 200),
    model: nameOf(entry.model),
    counts: {
      freshTokens: tokenCount(used.input) - cached + tokenCount(used.tool),
      cacheReadTokens: cached,
      cacheWriteTokens: 0,
      cacheHourTokens: 0,
      outputTokens: tokenCount(used.output) + tokenCount(used.thoughts),
    },
  }
}

export type CodexLine =
  | { readonly kind: 'model'; readonly model: string }
  | { readonly kind: 'total'; readonly total: TokenCounts }

/**
 * Codex: `event_msg` lines with `payload.type` `token_count`, whose `info.total_token_usage` counts from the beginning
 * of the session, and `turn_context` lines with the model (openai/codex, codex-rs/protocol: `TokenUsage`). Input
 * includes what came from the cache, output includes reasoning.
 */
export function codexLine(line: string): CodexLine | undefined {
  const entry = objectOf(line, line.includes('"turn_context"') ? '"turn_context"' : '"token_count"')
  const payload = fieldsOf(entry?.payload)
  if (entry?.type === 'turn_context') {
    const model = nameOf(payload?.model)
    return model === '' ? undefined : { kind: 'model', model }
  }
  const total = fieldsOf(fieldsOf(payload?.info)?.total_token_usage)
  if (entry?.type !== 'event_msg' || payload?.type !== 'token_count' || total === undefined) return undefined
  const cached = Math.min(tokenCount(total.cached_input_tokens), tokenCount(total.input_tokens))
  return {
    kind: 'total',
    total: {
      freshTokens: tokenCount(total.input_tokens) - cached,
      cacheReadTokens: cached,
      cacheWriteTokens: 0,
      cacheHourTokens: 0,
      outputTokens: tokenCount(total.output_tokens),
    },
  }
}
