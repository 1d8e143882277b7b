/**
 * The Messages API of Anthropic, as far as Claude Code uses it in a turn.
 *
 * Source: docs.anthropic.com, "Messages" and "Streaming Messages": the order of events, `input_json_delta` for the input
 * of a tool, `stop_reason`.
 */
import type { Reply, Turn } from './model.ts'
import { events, isObject, type Json, objectsOf, type Protocol, textOf } from './protocol.ts'

export const anthropic: Protocol = {
  isFor: (path) => path === '/v1/messages',
  read(body) {
    const { messages, tools, stream } = isObject(body) ? body : {}
    const shell = objectsOf(tools).find(({ name }) => name === 'Bash')
    return {
      turns: objectsOf(messages).flatMap(turnsOf),
      shell: shell === undefined ? undefined : 'Bash',
      streams: stream === true,
    }
  },
  answer(reply, { shell, streams }, number) {
    const block = blockOf(reply, shell, number)
    const stop_reason = reply.kind === 'run' ? 'tool_use' : 'end_turn'
    const usage = { input_tokens: 1000 + number, output_tokens: 10 }
    const message = {
      id: `msg_${number}`,
      type: 'message',
      role: 'assistant',
      model: 'mock',
      stop_sequence: null,
      usage,
    }
    if (!streams)
      return { type: 'application/json', body: JSON.stringify({ ...message, content: [block], stop_reason }) }
    return events(
      [
        { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
        { type: 'content_block_start', index: 0, content_block: emptied(block) },
        { type: 'content_block_delta', index: 0, delta: deltaOf(block) },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 10 } },
        { type: 'message_stop' },
      ],
      true,
    )
  },
}

/** Results of tools come as parts of a user's message. */
function turnsOf({ role, content }: Json): Turn[] {
  if (role === 'assistant') return [{ from: 'model', text: textOf(content) }]
  if (typeof content === 'string') return [{ from: 'user', text: content }]
  return objectsOf(content).map((part) =>
    part.type === 'tool_result'
      ? { from: 'shell', text: textOf(part.content) }
      : { from: 'user', text: textOf([part]) },
  )
}

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object }

function blockOf(reply: Reply, shell: string | undefined, number: number): Block {
  if (reply.kind === 'say' || shell === undefined) return { type: 'text', text: reply.kind === 'say' ? reply.text : '' }
  const input = { command: reply.command, description: `Task ${reply.task}` }
  return { type: 'tool_use', id: `toolu_${number}`, name: shell, input }
}

function emptied(block: Block): object {
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} }
}

function deltaOf(block: Block): object {
  return block.type === 'text'
    ? { type: 'text_delta', text: block.text }
    : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
}
