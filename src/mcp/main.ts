/**
 * `if-board mcp`: tools and resources over standard input and output (Model Context Protocol, stdio transport).
 *
 * Nothing but the protocol goes to standard output. The server ends when its input does, or when `stop` is aborted.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Boards } from './boards.ts'
import { openConnection } from './connection.ts'
import { boundedLines, LONGEST_LINE } from './lines.ts'
import { mcpServer } from './server.ts'

export interface Pipes {
  readonly input: Readable
  readonly output: Writable
  readonly stop: AbortSignal
}

/** Longest time for what runs when the connection ends, such as a push that is under way. */
const END_PATIENCE_MS = 10_000

/** Resolves when the connection has ended and what it began is over. */
export async function serveMcp(boards: Boards, { input, output, stop }: Pipes): Promise<void> {
  const lines = boundedLines((problem) => boards.talk(problem))
  const ended = new AbortController()
  const connection = openConnection(boards, randomUUID())
  const transport = new StdioServerTransport(lines, output, { maxBufferSize: 2 * LONGEST_LINE })
  const handle = serveStdio(() => mcpServer(connection, boards.version, ended.signal), {
    transport,
    onerror: (error) => boards.talk(error.message),
  })
  await untilEnd(input.pipe(lines), output, stop)
  ended.abort()
  await handle.close()
  await Promise.race([connection.end(), new Promise((resolve) => setTimeout(resolve, END_PATIENCE_MS).unref())])
}

async function untilEnd(input: Readable, output: Writable, stop: AbortSignal): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const events = [
    once(input, 'close', { signal }),
    once(input, 'end', { signal }),
    once(output, 'close', { signal }),
    ...(stop.aborted ? [] : [once(stop as unknown as EventTarget, 'abort', { signal })]),
  ]
  // `once` rejects with the error of a broken pipe: an end as well.
  await Promise.race(stop.aborted ? [] : events).catch(() => undefined)
  over.abort()
  await Promise.allSettled(events)
}
