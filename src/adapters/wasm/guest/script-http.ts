/** `http({…})` of scripts: texts between engine and host, made of objects by the script's own JSON. */

import type { HttpHost } from '../../../chassis/index.ts'
import { type CallAnswer, callProblem, type HttpCall } from '../../../model/index.ts'

/**
 * Wraps the function of the host, which takes and gives JSON. What it needs of the language is taken before the script can
 * change it; a script that deceives itself later deceives nobody else.
 */
export const HTTP_FUNCTION = `(() => {
  const [ask, { parse, stringify }] = [globalThis.http, JSON]
  const { entries, fromEntries, freeze, assign } = Object
  globalThis.http = ({ method = 'GET', alias = '', path = '/', headers = {}, body = '' }) => {
    const words = [method, alias, path].map(String)
    const answer = parse(ask(stringify([...words, entries(headers).map((field) => field.map(String)), String(body)])))
    if (answer.kind === 'answered') return freeze({ ...answer, headers: freeze(fromEntries(answer.headers)) })
    throw assign(new Error(answer.rule + ': ' + answer.reason), { name: 'HttpError', rule: answer.rule })
  }
})()`

/** @returns JSON of what the script is told */
export function scriptCall(http: HttpHost, text: string): string {
  const [method, alias, path, headers, body] = JSON.parse(text) as [string, string, string, [string, string][], string]
  const call: HttpCall = {
    ...{ method, alias, path },
    headers: headers.map(([name, value]) => [name.toLowerCase(), value]),
    body: new TextEncoder().encode(body),
  }
  const problem = callProblem(call)
  if (problem !== undefined) return JSON.stringify({ kind: 'malformed', rule: 'request', reason: problem })
  return JSON.stringify(told(http.call(call)))
}

/** Whatever is no answer has a rule: that of the proxy, or `unreachable` and `cut`, which are ours. */
function told(answer: CallAnswer): object {
  if (answer.kind === 'denied') return answer
  if (answer.kind !== 'answered') return { ...answer, rule: answer.kind }
  return { ...answer, body: new TextDecoder().decode(answer.body) }
}
