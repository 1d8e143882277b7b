/** HTTP by Node's own client: one connection that stays open between documents. */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { type HttpAnswer, type HttpPost, type HttpRequest, MAX_ANSWER_BYTES } from '../../ports/http-post.ts'

export interface HttpPoster {
  readonly post: HttpPost
  /** End the connection. */
  close(): void
}

export function httpPoster(): HttpPoster {
  const options = { keepAlive: true, maxSockets: 1 }
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) }
  return {
    post: (request) => exchange(request, agents),
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function exchange(
  { url, headers, body, timeoutMs }: HttpRequest,
  agents: { readonly http: HttpAgent; readonly https: HttpsAgent },
): Promise<HttpAnswer> {
  const isSecure = new URL(url).protocol === 'https:'
  const bytes = Buffer.from(body, 'utf8')
  const options = {
    method: 'POST',
    agent: isSecure ? agents.https : agents.http,
    headers: { ...Object.fromEntries(headers), 'content-length': String(bytes.length) },
    signal: AbortSignal.timeout(timeoutMs),
  }
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve({ kind: 'unreachable', reason: reasonOf(error, timeoutMs) })
    try {
      const sent = (isSecure ? requestHttps : requestHttp)(url, options, (answer) => {
        collect(answer).then(resolve, fail)
      })
      sent.on('error', fail)
      sent.end(bytes)
    } catch (error) {
      // A header that HTTP does not allow.
      fail(error as Error)
    }
  })
}

async function collect(answer: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return {
    kind: 'answered',
    status: answer.statusCode ?? 0,
    retryAfter: answer.headers['retry-after'],
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

/** Codes say more than messages, and name no header. */
function reasonOf(error: NodeJS.ErrnoException, timeoutMs: number): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `no answer within ${timeoutMs / 1000} s`
  if (error.code === 'ERR_INVALID_CHAR') return 'a header has a character that HTTP does not allow'
  return error.code ?? error.message
}
