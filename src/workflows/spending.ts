/**
 * What a task has cost, by the transcript of the coding tool: its end is marked when the task is granted, what was
 * written since is read at every hook of the tool, and said when the task is given back. What the tool told over
 * OpenTelemetry meanwhile (`telemetry.ts`) is the same requests again: of the two, the one that saw more tokens is
 * said. What was typed (`--cost`) counts before both.
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
  type CostSource,
  clip,
  type EpochMs,
  type ModelUsage,
  readUsage,
  refKey,
  type SessionName,
  TOKEN_KINDS,
} from '../model/index.ts'
import type { Transcript, TranscriptTool } from '../ports/index.ts'
import { type PriceTable, priceOf } from '../witness/price.ts'
import { isToldOf, type Told, toldSince } from './telemetry.ts'
import type { Toolbox } from './toolbox.ts'

const TOOLS: readonly TranscriptTool[] = ['claude-code', 'codex', 'gemini']
const MAX_PATH = 4_096
const MAX_MODEL = 100

/** From where the cost of what the session does now is counted. */
interface Base {
  readonly at: EpochMs
  /** Absent where no transcript was found. */
  readonly mark?: string | undefined
}

/** What was read since the base, up to `mark`. */
interface Used {
  readonly usage: readonly ModelUsage[]
  readonly counted: 'all' | 'part'
  readonly mark: string
}

/** What was read so far, or nothing yet, perhaps of no transcript. */
interface Begun extends Omit<Used, 'mark'> {
  readonly mark: string | undefined
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
    if (box.spending === undefined) return
    const name = nameOf(box, 'spending', session)
    if (how === 'unless begun' && (await box.memory.read(name)) !== undefined) return
    const transcript = await transcriptOf(box, session)
    const reading = transcript === undefined ? undefined : await box.spending.transcripts.since(transcript, undefined)
    if (reading === undefined && !(await isToldOf(box, session))) await box.memory.remove(name)
    else await writeBase(box, session, { at: box.clock.now().wallMs, mark: reading?.mark })
  } catch {
    // No mark: the cost of this task will not be known.
  }
}

export interface Spent {
  readonly cost: Cost | undefined
  /** To be called when the event that says it has landed. */
  settle(): Promise<void>
}

/** What is to be said of the cost of a task that ends: as typed, else by its tool, else nothing. */
export async function spentOn(box: Toolbox, session: SessionName, typed: Cost | undefined): Promise<Spent> {
  try {
    const seen = await look(box, session)
    if (seen === undefined) return { cost: typed, settle }
    return {
      cost: typed ?? (await costOf(box, seen)),
      settle: () => writeBase(box, session, seen.next).catch(() => undefined),
    }
  } catch {
    return { cost: typed, settle }
  }
}

async function settle(): Promise<void> {}

/** What a session of this clone has used for the tasks that it holds, so far; `undefined`: not known. */
export async function runningCost(box: Toolbox, session: SessionName): Promise<Cost | undefined> {
  try {
    const seen = await look(box, session)
    return seen === undefined ? undefined : await costOf(box, seen)
  } catch {
    return undefined
  }
}

async function keepSpending(box: Toolbox, session: SessionName): Promise<void> {
  const seen = await look(box, session)
  if (seen?.used === undefined) return
  const text = JSON.stringify({ base: seen.base, ...seen.used })
  if (text !== seen.kept) await box.memory.write(nameOf(box, 'spent', session), text)
}

interface Look {
  /** Names the base by its hash. */
  readonly base: string
  readonly kept: string | undefined
  readonly used: Used | undefined
  readonly told: Told | undefined
  /** From where is counted what comes after this look. */
  readonly next: Base
}

/** What was used since the base, by both ways; `undefined`: nothing was granted, or nobody can tell. */
async function look(box: Toolbox, session: SessionName): Promise<Look | undefined> {
  const text = box.spending === undefined ? undefined : await box.memory.read(nameOf(box, 'spending', session))
  if (text === undefined) return undefined
  const from = JSON.parse(text) as Base
  const base = box.sha256(text).slice(0, 32)
  const at = box.clock.now().wallMs
  const kept = await box.memory.read(nameOf(box, 'spent', session))
  const used = await readOn(box, session, readUsed(kept, base) ?? { usage: [], counted: 'all', mark: from.mark })
  const told = await toldSince(box, session, from.at)
  if (used === undefined && told === undefined) return undefined
  return { base, kept, used, told, next: { at, mark: used?.mark ?? from.mark } }
}

/** What was kept, and what the tool has written since then. */
async function readOn(box: Toolbox, session: SessionName, before: Begun): Promise<Used | undefined> {
  const { mark, usage, counted } = before
  const transcript = mark === undefined ? undefined : await transcriptOf(box, session)
  const reading = transcript === undefined ? undefined : await box.spending?.transcripts.since(transcript, mark)
  if (reading === undefined) return undefined
  const whole = counted === 'all' && reading.counted === 'all'
  return { usage: addUsage(usage, reading.usage), counted: whole ? 'all' : 'part', mark: reading.mark }
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

function writeBase(box: Toolbox, session: SessionName, base: Base): Promise<void> {
  return box.memory.write(nameOf(box, 'spending', session), JSON.stringify(base))
}

async function costOf(box: Toolbox, { used, told }: Look): Promise<Cost | undefined> {
  const prices = async () => (await box.spending?.prices()) ?? new Map()
  const read = used?.counted === 'all' ? tokensOf(used.usage) : undefined
  if (told !== undefined && (read === undefined ? told.counted === 'all' : tokensOf(told.usage) >= read)) {
    const cost = costOfUsage('otel', told.usage, await prices())
    return told.usd === undefined ? cost : { ...cost, usd: told.usd }
  }
  return used === undefined || read === undefined || read === 0
    ? undefined
    : costOfUsage('transcript', used.usage, await prices())
}

function tokensOf(usage: readonly ModelUsage[]): number {
  return usage.reduce((sum, one) => sum + TOKEN_KINDS.reduce((total, kind) => total + one[kind], 0), 0)
}

function costOfUsage(source: CostSource, usage: readonly ModelUsage[], table: PriceTable): Cost {
  const sum = (count: (one: ModelUsage) => number) => usage.reduce((total, one) => total + count(one), 0)
  const cacheReadTokens = sum((one) => one.cacheReadTokens)
  const cacheWriteTokens = sum((one) => one.cacheWriteTokens + one.cacheHourTokens)
  const most = [...usage].sort((a, b) => b.outputTokens - a.outputTokens)[0]?.model ?? ''
  const usd = priceOf(usage, table)
  return {
    source,
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
