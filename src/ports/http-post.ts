/**
 * Send one document over HTTP.
 *
 * 1. Whatever the server answers, with any status, is an answer; redirects are not followed.
 * 2. Of the answer at most `MAX_ANSWER_BYTES` are kept.
 * 3. `unreachable`: no answer came (no connection, a broken one, the time was over, an answer that is too long). Whether
 *    the server took the document is not known then.
 */
export type HttpPost = (request: HttpRequest) => Promise<HttpAnswer>

export interface HttpRequest {
  /** `http:` or `https:`. */
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** For the whole exchange. */
  readonly timeoutMs: number
}

export type HttpAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The header as it came (RFC 9110, section 10.2.3). */
      readonly retryAfter: string | undefined
      readonly body: string
    }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** What the OTLP specification recommends. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024
