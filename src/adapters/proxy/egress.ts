/**
 * Calls of a module to the proxy of this clone, over its socket, each with a capability for that module's calls alone; by
 * Node's client, so that nobody loads undici for it.
 */
import { type IncomingMessage, request } from 'node:http'
import { type CallAnswer, type HttpCall, type HttpFields, MOST_ANSWER_BYTES } from '../../model/index.ts'
import type { Egress } from '../../ports/index.ts'
import { PSEUDONYM, pairs } from '../../proxy/index.ts'

export interface ModuleEgress {
  readonly socket: string
  /** SHA-256 of the module, 64 hexadecimal digits: what the capabilities are for. */
  readonly sha256: string
  readonly capabilities: ReadonlyMap<string, string>
}

export function proxyEgress({ socket, sha256, capabilities }: ModuleEgress): Egress {
  return {
    async ask(call, stop) {
      const capability = capabilities.get(call.alias)
      if (capability === undefined) return { kind: 'denied', rule: 'alias', reason: 'no capability is for it' }
      const headers = { 'proxy-authorization': `Bearer ${capability}`, 'if-board-module': sha256 }
      return exchange(socket, call, { headers, stop })
    },
  }
}

interface Ours {
  readonly headers: Readonly<Record<string, string>>
  readonly stop: AbortSignal
}

function exchange(socketPath: string, call: HttpCall, { headers, stop: signal }: Ours): Promise<CallAnswer> {
  const { method, alias, path, body } = call
  const length = body.length === 0 ? {} : { 'content-length': String(body.length) }
  const sent = { ...Object.fromEntries(joined(call.headers)), ...length, ...headers, connection: 'close' }
  return new Promise((resolve) => {
    const unreachable = ({ code }: NodeJS.ErrnoException) =>
      resolve({ kind: 'unreachable', reason: `no proxy answers: ${code ?? 'no answer'}` })
    const asked = request({ socketPath, method, path: `/${alias}${path}`, headers: sent, signal, agent: false })
    asked.on('error', unreachable)
    asked.on('response', (answer) => resolve(readAnswer(answer)))
    asked.end(body)
  })
}

/** What has come twice is one field with a comma (RFC 9110, section 5.2). */
function joined(fields: HttpFields): Map<string, string> {
  const all = new Map<string, string>()
  for (const [name, value] of fields) all.set(name, [...(all.has(name) ? [all.get(name)] : []), value].join(', '))
  return all
}

async function readAnswer(answer: IncomingMessage): Promise<CallAnswer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MOST_ANSWER_BYTES)
        return { kind: 'cut', reason: `the answer has more than ${MOST_ANSWER_BYTES} bytes` }
      chunks.push(chunk)
    }
  } catch {
    return { kind: 'cut', reason: 'the answer did not come whole' }
  }
  const body = Buffer.concat(chunks)
  const headers = [...joined(pairs(answer.rawHeaders))].filter(([name]) => !OF_THE_WAY.has(name))
  if (!hasPassed(headers)) return denialOf(body)
  return { kind: 'answered', status: answer.statusCode ?? 0, headers: headers.filter(([name]) => name !== 'via'), body }
}

/** Of the connection between proxy and supervisor; no service said it. */
const OF_THE_WAY = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** The proxy puts its name on what a service answered, and on nothing that it says itself: no service can pretend a denial. */
function hasPassed(headers: HttpFields): boolean {
  const via = headers.find(([name]) => name === 'via')?.[1] ?? ''
  return via.split(', ').at(-1) === `1.1 ${PSEUDONYM}`
}

function denialOf(body: Buffer): CallAnswer {
  try {
    const { kind, rule, reason } = JSON.parse(body.toString('utf8')) as Record<string, unknown>
    if (kind === 'denied' && typeof rule === 'string' && typeof reason === 'string') return { kind, rule, reason }
  } catch {
    // Not the words of a proxy.
  }
  return { kind: 'unreachable', reason: 'what answers there is no proxy of if-board' }
}
