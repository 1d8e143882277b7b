/**
 * What a task has cost, by the transcript of the coding tool: its end is marked when the task is granted, what was
 * written since is read at every hook of the tool, and said when the task is given back. What was typed (`--cost`)
 * counts before what was read.
 *
 * Kept in the hub, one text each: `transcripts/<session>` says which file, told by a hook; `spending/<session>` is the
 * base: when the task was granted, and the mark of that moment; `spent/<session>` is what was read since, and names its
 * base. The base moves when the event has landed, so that each token is in one event; what was read beside an old base,
 * by a hook that was late, then counts no more. Nothing here stops a command: what cannot be read is not known, and is
 * never 0.
 */
import {
  addUsage,
  type Cost,
  clip,
  type EpochMs,
  type ModelUsage,
  readUsage,
  refKey,
  type SessionName,
} from '../model/index.ts'
import type { Transcript, TranscriptTool } from '../ports/index.ts'
import { priceOf } from '../witness/price.ts'
import type { Toolbox } from './toolbox.ts'

const TOOLS: readonly TranscriptTool[] = ['claude-code', 'codex', 'gemini']
const MAX_PATH = 4_096
const MAX_MODEL = 100

/** From where the cost of what the session does now is counted. */
interface Base {
  readonly at: EpochMs
  readonly mark: string
}

/** What was read since the base, up to `mark`. */
interface Used {
  readonly usage: readonly ModelUsage[]
  readonly counted: 'all' | 'part'
  readonly mark: string
}

/** For hooks, which are told the path: the session's work is written there from now on. */
export async function noteTranscript(box: Toolbox, session: SessionName, transcript: Transcript): Promise<void> {
  const { tool, path, id } = transcript
  if (path === '' || path.length > MAX_PATH) return
  const text = JSON.stringify({ tool, path, id })
  const name = nameOf(box, 'transcripts', session)
  const before = await box.memory.read(name)
  if (before === text) return
  // What the conversation before this one wrote is read while it is known where.
  if (before !== undefined) await keepSpending(box, session)
  await box.memory.write(name, text)
}

/**
 * At every hook: what the tool has written since the last look is counted now, as long as it stands there. `told` is
 * what the hook says of the file. Reads the end of a file, some kilobytes as a rule; never throws.
 */
export async function readSpending(box: Toolbox, session: SessionName, told: Transcript | undefined): Promise<void> {
  try {
    if (told !== undefined) await noteTranscript(box, session, told)
    await keepSpending(box, session)
  } catch {
    // Read at the next hook, or when the task ends.
  }
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
    else await writeBase(box, session, reading.mark)
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
    const used = (await look(box, session))?.used
    if (used === undefined) return { cost: typed, settle }
    return {
      cost: typed ?? (await costOfUsed(box, used)),
      settle: () => writeBase(box, session, used.mark).catch(() => undefined),
    }
  } catch {
    return { cost: typed, settle }
  }
}

async function settle(): Promise<void> {}

/** What a session of this clone has used for the tasks that it holds, so far; `undefined`: not known. */
export async function runningCost(box: Toolbox, session: SessionName): Promise<Cost | undefined> {
  try {
    const used = (await look(box, session))?.used
    return used === undefined ? undefined : await costOfUsed(box, used)
  } catch {
    return undefined
  }
}

async function keepSpending(box: Toolbox, session: SessionName): Promise<void> {
  const seen = await look(box, session)
  if (seen === undefined) return
  const text = JSON.stringify({ base: seen.base, ...seen.used })
  if (text !== seen.kept) await box.memory.write(nameOf(box, 'spent', session), text)
}

interface Look {
  /** Names the base by its hash. */
  readonly base: string
  readonly kept: string | undefined
  readonly used: Used
}

/** What was used since the base: what was kept of it, and what the tool has written since then. */
async function look(box: Toolbox, session: SessionName): Promise<Look | undefined> {
  const transcript = await transcriptOf(box, session)
  const text = transcript === undefined ? undefined : await box.memory.read(nameOf(box, 'spending', session))
  if (box.spending === undefined || transcript === undefined || text === undefined) return undefined
  const base = box.sha256(text).slice(0, 32)
  const kept = await box.memory.read(nameOf(box, 'spent', session))
  const before = readUsed(kept, base) ?? { usage: [], counted: 'all', mark: (JSON.parse(text) as Base).mark }
  const reading = await box.spending.transcripts.since(transcript, before.mark)
  if (reading === undefined) return undefined
  const usage = addUsage(before.usage, reading.usage)
  const counted = before.counted === 'part' ? 'part' : reading.counted
  return { base, kept, used: { usage, counted, mark: reading.mark } }
}

function readUsed(text: string | undefined, base: string): Used | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text)
    if (value?.base !== base || typeof value.mark !== 'string') return undefined
    return { usage: readUsage(value.usage), counted: value.counted === 'all' ? 'all' : 'part', mark: value.mark }
  } catch {
    return undefined
  }
}

function writeBase(box: Toolbox, session: SessionName, mark: string): Promise<void> {
  const base: Base = { at: box.clock.now().wallMs, mark }
  return box.memory.write(nameOf(box, 'spending', session), JSON.stringify(base))
}

async function costOfUsed(box: Toolbox, { usage, counted }: Used): Promise<Cost | undefined> {
  if (counted === 'part' || usage.length === 0 || box.spending === undefined) return undefined
  return costOfUsage(usage, await box.spending.prices())
}

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

function nameOf(box: Toolbox, folder: 'transcripts' | 'spending' | 'spent', session: SessionName): string {
  return `${folder}/${refKey(session, box.sha256)}`
}
