/**
 * The Responses API of OpenAI, as far as Codex uses it in a turn.
 *
 * Source: platform.openai.com, "Responses: streaming"; what Codex reads of it is in openai/codex,
 * codex-rs/codex-api/src/sse/responses.rs (`response.output_item.done`, `response.completed`).
 */
import type { Reply, Turn } from './model.ts'
import { events, isObject, type Json, objectsOf, type Protocol, textOf } from './protocol.ts'

/** Codex offers one of them, by the model and the platform; their arguments name the command differently. */
const SHELLS: Readonly<Record<string, (command: string) => object>> = {
  exec_command: (cmd) => ({ cmd }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ['sh', '-c', command] }),
}

export const openai: Protocol = {
  isFor: (path) => path === '/v1/responses',
  read(body) {
    const { input, tools } = isObject(body) ? body : {}
    const names = objectsOf(tools).map(({ name }) => name)
    return {
      turns: objectsOf(input).flatMap(turnOf),
      shell: Object.keys(SHELLS).find((name) => names.includes(name)),
      streams: true,
    }
  },
  answer(reply, { shell }, number) {
    const id = `resp_${number}`
    const usage = {
      input_tokens: 1000 + number,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 1010 + number,
    }
    const item = itemOf(reply, shell, number)
    return events(
      [
        { type: 'response.created', response: { id } },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: { id, usage } },
      ],
      true,
    )
  },
}

function turnOf({ type, role, content, output }: Json): Turn[] {
  if (type === 'function_call_output')
    return [{ from: 'shell', text: typeof output === 'string' ? output : textOf(output) }]
  if (type !== 'message') return []
  return [{ from: role === 'assistant' ? 'model' : 'user', text: textOf(content) }]
}

function itemOf(reply: Reply, shell: string | undefined, number: number): object {
  const toArguments = shell === undefined ? undefined : SHELLS[shell]
  if (reply.kind === 'run' && toArguments !== undefined)
    return {
      type: 'function_call',
      id: `fc_${number}`,
      call_id: `call_${number}`,
      name: shell,
      arguments: JSON.stringify(toArguments(reply.command)),
    }
  const text = reply.kind === 'say' ? reply.text : ''
  return {
    type: 'message',
    id: `msg_${number}`,
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  }
}
