/** Transcripts that tell the tokens of each message, in one file or several. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TokenCounts, usageByModel } from '../../model/index.ts'
import type { Reading, Transcript } from '../../ports/transcripts.ts'
import { claudeMessage, geminiMessage } from './formats.ts'
import { type Kept, type Mark, markText } from './mark.ts'
import { countMessages, type Message, readRecent } from './messages.ts'
import { readTail, type TailMark } from './tail.ts'

/** Of what was there before the mark: enough to find the messages that go on. */
const WINDOW = 1024 * 1024

export async function sinceMessages({ tool, path }: Transcript, before: Mark | undefined): Promise<Reading> {
  const paths = tool === 'claude-code' ? [path, ...(await subagentFiles(path))] : [path]
  const files = new Map<string, object>()
  const spent: (readonly [string, TokenCounts])[] = []
  let known = true
  for (const file of paths) {
    const read = await readMessages(file, { tool, kept: before?.get(file), isNew: before !== undefined })
    if (read === undefined) continue
    files.set(file, read.kept)
    spent.push(...read.spent)
    known &&= read.known
  }
  return { usage: known ? usageByModel(spent) : [], counted: known ? 'all' : 'part', mark: markText(path, files) }
}

interface FileRequest {
  readonly tool: Transcript['tool']
  readonly kept: Kept | undefined
  /** A file without a mark of its own began since the mark of the others. */
  readonly isNew: boolean
}

async function readMessages(file: string, { tool, kept, isNew }: FileRequest) {
  const messageOf = tool === 'claude-code' ? claudeMessage : geminiMessage
  const from: TailMark | undefined = kept ?? (isNew ? { offset: 0, print: EMPTY_PRINT } : undefined)
  const tail = await readTail(file, from, WINDOW)
  if (tail === undefined) return undefined
  const grown = tail.kind === 'grown'
  const messages = tail.lines.map(messageOf).filter((message): message is Message => message !== undefined)
  const { usage, recent } = countMessages(messages, grown ? readRecent(kept?.recent) : [])
  return {
    kept: { ...tail.mark, recent },
    spent: grown ? usage.map(({ model, ...counts }) => [model, counts] as const) : [],
    known: tail.kind !== 'replaced',
  }
}

/** First half of SHA-256 of nothing. */
const EMPTY_PRINT = 'e3b0c44298fc1c149afbf4c8996fb924'
const MOST_SUBAGENTS = 200

/** `<session>/subagents/*.jsonl` beside the transcript: what a session had others do. */
async function subagentFiles(path: string): Promise<string[]> {
  const folder = join(path.replace(/\.jsonl$/, ''), 'subagents')
  const names = await readdir(folder).catch((): string[] => [])
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .slice(0, MOST_SUBAGENTS)
    .map((name) => join(folder, name))
}
