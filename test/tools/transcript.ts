/** What one run said and did, for people: kept in `.transcripts/`, which git does not track. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../scripts/ensure.mjs'
import { pinned } from './installed.ts'
import type { Journey } from './journey.ts'
import type { Turn } from './model.ts'
import type { Exchanged } from './model-server.ts'

const FOLDER = join(root, '.transcripts')
/** Tools tell much about themselves; of what is no answer of ours a few words are enough. */
const FEW = 60
const MANY = 600
/** How the words of a hook of ours begin (`cli/hooks/words.ts`). */
const OURS = /The task board has|You stopped|This project has a task board that many sessions share\. (?:It|This) /

/** Writes `NAME.jsonl`, everything as it was, and `NAME.txt`, to be read. */
export async function keepTranscript(name: string, journeys: readonly Journey[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const all = journeys.flatMap(({ tool, exchanged }) => exchanged.map((one) => ({ tool, ...one })))
  all.sort((a, b) => a.atMs - b.atMs)
  await writeFile(join(FOLDER, `${name}.jsonl`), all.map((one) => `${JSON.stringify(one)}\n`).join(''))
  await writeFile(join(FOLDER, `${name}.txt`), journeys.map(readable).join('\n'))
}

/** Times are seconds since the tool was started. */
function readable({ tool, exchanged, others, status, ms }: Journey): string {
  const lines = [`${pinned(tool)}: ended with ${status} after ${seconds(ms)} s; ${figuresOf(exchanged)}`]
  for (const one of exchanged) lines.push(...linesOf(one))
  if (others.length > 0) lines.push(`beside the conversation: ${[...new Set(others)].join(', ')}`)
  return `${lines.join('\n')}\n`
}

/** How much was done, and how long a session is without a task between the end of a turn and the next card. */
function figuresOf(exchanged: readonly Exchanged[]): string {
  const ran = exchanged.flatMap(({ reply }) => (reply.kind === 'run' ? [reply.ends] : []))
  const gaps = exchanged.flatMap(({ atMs, reply }, at) => {
    const before = exchanged[at - 1]
    return reply.kind === 'run' && before?.reply.kind === 'say' ? [atMs - before.atMs] : []
  })
  const median = gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0
  const done = ran.filter((ends) => ends === 'done').length
  return `${done} commands to do a task, ${ran.length - done} to block one; from the end of a turn to the next task ${seconds(median)} s, median`
}

function linesOf({ atMs, told, reply }: Exchanged): string[] {
  const at = seconds(atMs)
  const answered = reply.kind === 'run' ? ['runs', reply.command] : ['says', reply.text]
  return [
    ...told.flatMap((turn) => entry(at, turn.from === 'shell' ? 'prints' : 'told', wordsOf(turn))),
    ...entry(at, answered[0] as string, answered[1] as string),
  ]
}

function entry(at: string, verb: string, text: string): string[] {
  const [first = '', ...rest] = text.trim().split('\n')
  return [`${at.padStart(7)}  ${verb.padEnd(6)}  ${first}`, ...rest.map((line) => `${' '.repeat(17)}${line}`.trimEnd())]
}

/** What comes of if-board whole, without what the tool puts around it; of anything else the first words. */
function wordsOf({ from, text }: Turn): string {
  const plain = text.replace(/<\/?[a-z_-]{1,40}(?: [^<>]{0,200})?>/g, '')
  const ours = plain.search(OURS)
  if (ours >= 0) return plain.slice(ours)
  const [first = ''] = plain.trim().split('\n')
  if (from === 'shell') return plain.slice(0, MANY)
  return first.length < plain.trim().length || first.length > FEW ? `${first.slice(0, FEW)} […]` : first
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
