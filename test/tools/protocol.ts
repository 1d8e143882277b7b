/** What a mock server needs of one API of models. Each file beside this one is one API; all are pure. */
import type { Reply, Turn } from './model.ts'

export interface Exchange {
  /** The whole conversation, as this request repeats it. */
  readonly turns: readonly Turn[]
  /**
   * Name of the shell among the tools that are offered. `undefined`: a request beside the conversation, such as for a
   * title, that offers none.
   */
  readonly shell: string | undefined
  readonly streams: boolean
}

export interface Answer {
  readonly type: 'text/event-stream' | 'application/json'
  readonly body: string
}

export interface Protocol {
  /** A request for a reply of the model, by its path without the query. */
  isFor(path: string): boolean
  read(body: unknown, path: string): Exchange
  /** `number` makes the ids of one run differ. */
  answer(reply: Reply, exchange: Exchange, number: number): Answer
}

/** Server-sent events (HTML Living Standard, 9.2), each with its name where it has one. */
export function events(list: readonly object[], named: boolean): Answer {
  const lines = list.map((event) => {
    const name = named && 'type' in event ? `event: ${event.type}\n` : ''
    return `${name}data: ${JSON.stringify(event)}\n\n`
  })
  return { type: 'text/event-stream', body: lines.join('') }
}

export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Texts of a content that is one text or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return objectsOf(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n')
}
