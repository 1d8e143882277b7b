/**
 * `todo.txt`: one task a line.
 *
 * `x 2011-03-03 2011-03-01 title` is done (with the days of completion and creation), `(A) 2011-03-01 title` has a
 * priority; `+project` and `@context` are words of the title and stay there; `key:value` words carry the rest.
 * Source: github.com/todotxt/todo.txt, "README". `id:` and `dep:` are a custom of several of its tools.
 */
import { Collector, type ImportReading, paragraphs, WORDS } from './imported.ts'

const HEAD = /^(x )?(?:\(([A-Z])\) )?(?:(\d{4}-\d{2}-\d{2}) )?(?:(\d{4}-\d{2}-\d{2}) )?/
const KEY = /^(id|dep|due|pri):([^\s:]+)$/i

/** UTF-16 code units of one line that are read; its title is cut much earlier, and that is told. */
const MAX_LINE = 64 * 1024

export function readTodoTxt(text: string, file: string): ImportReading {
  const collector = new Collector(file)
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries())
    if (line.trim() !== '' && !collector.isFull) readLine(collector, line.slice(0, MAX_LINE), index + 1)
  return collector.reading()
}

function readLine(collector: Collector, line: string, number: number): void {
  const head = HEAD.exec(line)
  const [whole = '', done, letter, ...dates] = head ?? []
  for (const date of dates) if (date !== undefined) collector.leave('a day of creation or completion')
  const words: string[] = []
  const keys = new Map<string, string[]>()
  for (const word of line.slice(whole.length).split(/\s+/)) {
    const [, key, value] = KEY.exec(word) ?? []
    if (key === undefined || value === undefined) words.push(word)
    else keys.set(key.toLowerCase(), [...(keys.get(key.toLowerCase()) ?? []), value])
  }
  collector.add({
    id: keys.get('id')?.[0],
    title: words.join(' '),
    status: done === undefined ? WORDS.open : WORDS.done,
    dependencies: (keys.get('dep') ?? []).flatMap((ids) => ids.split(',')).filter((id) => id !== ''),
    priority: priorityOf(letter ?? keys.get('pri')?.[0]),
    description: paragraphs([['Due', keys.get('due')?.join(', ')]]),
    line: number,
  })
}

function priorityOf(letter: string | undefined): string | undefined {
  if (letter === undefined || !/^[A-Z]$/i.test(letter)) return undefined
  return ['high', 'medium'][letter.toUpperCase().charCodeAt(0) - 65] ?? 'low'
}
