/**
 * What a task has cost, by the transcript of the coding tool: its end is marked when the task is granted, and what was
 * written since is read when the task is given back. What was typed (`--cost`) counts before what was read.
 *
 * Kept in the hub, one text each: `transcripts/<session>` says which file, told by a hook; `spending/<session>` is the
 * mark. The mark moves when the event has landed, so that each token is in one event. Nothing here stops a command:
 * what cannot be read is not known, and is never 0.
 */
import { type Cost, clip, type ModelUsage, refKey, type SessionName } from '../model/index.ts'
import type { Transcript, TranscriptTool } from '../ports/index.ts'
import { priceOf } from '../witness/price.ts'
import type { Toolbox } from './toolbox.ts'

const TOOLS: readonly TranscriptTool[] = ['claude-code', 'codex', 'gemini']
const MAX_PATH = 4_096
const MAX_MODEL = 100

/** For hooks, which are told the path: the session's work is written there from now on. */
export async function noteTranscript(box: Toolbox, session: SessionName, transcript: Transcript): Promise<void> {
  const { tool, path, id } = transcript
  if (path === '' || path.length > MAX_PATH) return
  const text = JSON.stringify({ tool, path, id })
  const name = nameOf(box, 'transcripts', session)
  if ((await box.memory.read(name)) !== text) await box.memory.write(name, text)
}

/** A task was granted: `anew` where nothing else is held, else what runs goes on. */
export async function beginSpending(box: Toolbox, session: SessionName, how: 'anew' | 'unless begun'): Promise<void> {
  try {
    const name = nameOf(box, 'spending', session)
    if (how === 'unless begun' && (await box.memory.read(name)) !== undefined) return
    const transcript = await transcriptOf(box, session)
    if (transcript === undefined) return
    const reading = await box.spending?.transcripts.since(transcript, undefined)
    if (reading === undefined) await box.memory.remove(name)
    else await box.memory.write(name, reading.mark)
  } catch {
    // No mark: the cost of this task will not be known.
  }
}

export interface Spent {
  readonly cost: Cost | undefined
  /** To be called when the event that says it has landed. */
  settle(): Promise<void>
}

/** What is to be said of the cost of a task that ends: as typed, else by the transcript, else nothing. */
export async function spentOn(box: Toolbox, session: SessionName, typed: Cost | undefined): Promise<Spent> {
  try {
    const transcript = await transcriptOf(box, session)
    const name = nameOf(box, 'spending', session)
    const mark = transcript === undefined ? undefined : await box.memory.read(name)
    if (box.spending === undefined || transcript === undefined || mark === undefined) return { cost: typed, settle }
    const reading = await box.spending.transcripts.since(transcript, mark)
    if (reading === undefined) return { cost: typed, settle }
    const measured = reading.usage.length === 0 ? undefined : costOfUsage(reading.usage, await box.spending.prices())
    return {
      cost: typed ?? measured,
      settle: () => box.memory.write(name, reading.mark).catch(() => undefined),
    }
  } catch {
    return { cost: typed, settle }
  }
}

async function settle(): Promise<void> {}

function costOfUsage(usage: readonly ModelUsage[], table: Parameters<typeof priceOf>[1]): Cost {
  const sum = (count: (one: ModelUsage) => number) => usage.reduce((total, one) => total + count(one), 0)
  const cacheReadTokens = sum((one) => one.cacheReadTokens)
  const cacheWriteTokens = sum((one) => one.cacheWriteTokens + one.cacheHourTokens)
  const most = [...usage].sort((a, b) => b.outputTokens - a.outputTokens)[0]?.model ?? ''
  const usd = priceOf(usage, table)
  return {
    source: 'transcript',
    ...(usd === undefined ? {} : { usd }),
    ...(most === '' ? {} : { model: clip(most, MAX_MODEL) }),
    inputTokens: sum((one) => one.freshTokens) + cacheReadTokens + cacheWriteTokens,
    outputTokens: sum((one) => one.outputTokens),
    ...(cacheReadTokens === 0 ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  }
}

/** As a hook told, else as the environment of this process tells. */
async function transcriptOf(box: Toolbox, session: SessionName): Promise<Transcript | undefined> {
  if (box.spending === undefined) return undefined
  const text = await box.memory.read(nameOf(box, 'transcripts', session))
  const { tool, path, id } = (text === undefined ? {} : JSON.parse(text)) as Partial<Transcript>
  if (tool !== undefined && TOOLS.includes(tool) && typeof path === 'string') return { tool, path, id }
  return box.spending.ownTranscript()
}

function nameOf(box: Toolbox, folder: 'transcripts' | 'spending', session: SessionName): string {
  return `${folder}/${refKey(session, box.sha256)}`
}
