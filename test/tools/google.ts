/**
 * The Gemini API, as far as Gemini CLI uses it in a turn.
 *
 * Source: ai.google.dev, "Generating content" (`generateContent`, `streamGenerateContent?alt=sse`) and "Function
 * calling" (`functionCall`, `functionResponse`).
 */
import type { Reply, Turn } from './model.ts'
import { events, isObject, type Json, objectsOf, type Protocol, textOf } from './protocol.ts'

const SHELL = 'run_shell_command'

export const google: Protocol = {
  isFor: (path) => /^\/v1(?:beta)?\/models\/[^/]+:(?:stream)?[gG]enerateContent$/.test(path),
  read(body, path) {
    const { contents, tools } = isObject(body) ? body : {}
    const functions = objectsOf(tools).flatMap(({ functionDeclarations }) => objectsOf(functionDeclarations))
    return {
      turns: objectsOf(contents).flatMap(turnsOf),
      shell: functions.some(({ name }) => name === SHELL) ? SHELL : undefined,
      streams: path.endsWith(':streamGenerateContent'),
    }
  },
  answer(reply, { shell, streams }, number) {
    const response = {
      candidates: [{ index: 0, content: { role: 'model', parts: [partOf(reply, shell)] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 1000 + number, candidatesTokenCount: 10, totalTokenCount: 1010 + number },
      modelVersion: 'mock',
      responseId: `response-${number}`,
    }
    return streams ? events([response], false) : { type: 'application/json', body: JSON.stringify(response) }
  },
}

function turnsOf({ role, parts }: Json): Turn[] {
  return objectsOf(parts).map((part) =>
    isObject(part.functionResponse)
      ? { from: 'shell', text: JSON.stringify(part.functionResponse.response) }
      : { from: role === 'model' ? 'model' : 'user', text: textOf([part]) },
  )
}

function partOf(reply: Reply, shell: string | undefined): object {
  if (reply.kind === 'say' || shell === undefined) return { text: reply.kind === 'say' ? reply.text : '' }
  return { functionCall: { name: shell, args: { command: reply.command, description: `Task ${reply.task}` } } }
}
