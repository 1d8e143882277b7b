/**
 * Requests to models among the log records of a tool. Pure.
 *
 * Events, not metrics: each is one request, so nothing depends on whether a counter starts anew or is told as a
 * difference (temporality), and nothing is counted in both. Sources:
 * - Claude Code: code.claude.com/docs/en/monitoring-usage, "API request event". Its input leaves the cache out.
 * - Codex: openai/codex, codex-rs/otel/src/events/session_telemetry.rs, `sse_event_completed`. Its input includes what
 *   came from the cache, its output includes reasoning. Numbers may be texts.
 * - Gemini CLI: google-gemini/gemini-cli, docs/cli/telemetry.md, `gemini_cli.api_response`. Its input includes what
 *   came from the cache, its output leaves thoughts out.
 */
import { NO_TOKENS, type TokenCounts, tokenCount } from '../../model/index.ts'
import type { ToldRequest } from '../../ports/told.ts'
import type { Attributes, LogRecord } from './records.ts'

interface Form {
  readonly tool: ToldRequest['tool']
  readonly names: readonly string[]
  /** Further attributes that the event must have. */
  readonly kind?: string
  readonly session: string
  readonly counts: (tokensOf: (name: string) => number) => Partial<TokenCounts>
  readonly usd?: string
}

const FORMS: readonly Form[] = [
  {
    tool: 'claude-code',
    names: ['api_request', 'claude_code.api_request'],
    session: 'session.id',
    counts: (of) => ({
      freshTokens: of('input_tokens'),
      cacheReadTokens: of('cache_read_tokens'),
      cacheWriteTokens: of('cache_creation_tokens'),
      outputTokens: of('output_tokens'),
    }),
    usd: 'cost_usd',
  },
  {
    tool: 'codex',
    names: ['codex.sse_event'],
    kind: 'response.completed',
    session: 'conversation.id',
    counts: (of) => ({
      ...inputOf(of('input_token_count'), of('cached_token_count')),
      outputTokens: of('output_token_count'),
    }),
  },
  {
    tool: 'gemini',
    names: ['gemini_cli.api_response'],
    session: 'session.id',
    counts: (of) => {
      const input = inputOf(of('input_token_count'), of('cached_content_token_count'))
      return {
        ...input,
        freshTokens: input.freshTokens + of('tool_token_count'),
        outputTokens: of('output_token_count') + of('thoughts_token_count'),
      }
    },
  },
]

export function requestsOf(records: readonly LogRecord[]): ToldRequest[] {
  return records.flatMap((record) => {
    const form = formOf(record.attributes)
    const request = form === undefined ? undefined : requestOf(record, form)
    return request === undefined ? [] : [request]
  })
}

function formOf(attributes: Attributes): Form | undefined {
  const name = attributes.get('event.name')
  return FORMS.find(
    ({ names, kind }) =>
      typeof name === 'string' &&
      names.includes(name) &&
      (kind === undefined || (attributes.get('event.kind') === kind && !attributes.has('error.message'))),
  )
}

const LONGEST_ID = 300
const LONGEST_MODEL = 100
/** Of one request; more is a slip. */
const MOST_USD = 10_000

function requestOf({ timeMs, attributes }: LogRecord, { tool, session, counts, usd }: Form): ToldRequest | undefined {
  const sessionId = attributes.get(session)
  const at = timeMs || Date.parse(String(attributes.get('event.timestamp')))
  if (typeof sessionId !== 'string' || sessionId === '' || sessionId.length > LONGEST_ID) return undefined
  if (!Number.isSafeInteger(at) || at <= 0) return undefined
  const model = String(attributes.get('model') ?? '').slice(0, LONGEST_MODEL)
  const usage = { model, ...NO_TOKENS, ...counts((name) => tokenCount(numberOf(attributes, name))) }
  const cost = usd === undefined ? undefined : numberOf(attributes, usd)
  return { tool, sessionId, at, usage, ...(cost !== undefined && cost >= 0 && cost <= MOST_USD ? { usd: cost } : {}) }
}

/** Tools write numbers as numbers or as texts. */
function numberOf(attributes: Attributes, name: string): number | undefined {
  const value = attributes.get(name)
  return value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value)
}

/** An input that includes what came from the cache. */
function inputOf(all: number, cached: number) {
  const cacheReadTokens = Math.min(all, cached)
  return { freshTokens: all - cacheReadTokens, cacheReadTokens }
}
