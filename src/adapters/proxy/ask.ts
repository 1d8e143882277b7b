/** A request for a capability, to a proxy that runs; by Node's client, so that nobody loads undici for it. */
import { request } from 'node:http'
import { GRANT_PATH, type GrantAnswer } from '../../proxy/index.ts'

const TIMEOUT_MS = 20_000
const MAX_ANSWER = 64 * 1024

/** @returns rejects when nobody answers there, or something that is no proxy */
export function askProxy(where: { readonly socket: string }, body: string): Promise<GrantAnswer> {
  const options = {
    ...{ socketPath: where.socket, path: GRANT_PATH, method: 'POST' },
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (more: string) => {
        text += more
        if (text.length > MAX_ANSWER) answer.destroy(new Error('the answer is too long'))
      })
      answer.on('error', reject)
      answer.on('end', () => {
        const parsed = parseAnswer(text)
        if (parsed === undefined) reject(new Error('what answers there is no proxy of if-board'))
        else resolve(parsed)
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

function parseAnswer(text: string): GrantAnswer | undefined {
  try {
    const { kind, capability, expires, rule, reason } = JSON.parse(text) as Record<string, unknown>
    if (kind === 'granted' && typeof capability === 'string' && typeof expires === 'number')
      return { kind, capability, expires }
    if (kind === 'denied' && typeof rule === 'string' && typeof reason === 'string')
      return { kind: 'refused', rule: rule as Extract<GrantAnswer, { kind: 'refused' }>['rule'], reason }
    return undefined
  } catch {
    return undefined
  }
}
