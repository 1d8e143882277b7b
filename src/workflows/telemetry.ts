/**
 * What coding tools told over OpenTelemetry, kept for the session that each conversation is bound to.
 *
 * Kept in the hub, one text each: `telemetry/<session>`, written by the one watcher of the clone. Each request keeps
 * its time, so that what arrives late, for tools send in batches, counts for the task that it was made for, or not at
 * all; never for the next one.
 */
import {
  addUsage,
  type EpochMs,
  type ModelUsage,
  readUsage,
  refKey,
  type SessionName,
  type Usd,
} from '../model/index.ts'
import type { ToldRequest } from '../ports/told.ts'
import { boundName } from './identity.ts'
import type { Toolbox } from './toolbox.ts'

/** Each tool as `Asker` names it: these are parts of what a name is bound to. */
const LABELS = { 'claude-code': 'Claude Code', codex: 'Codex', gemini: 'Gemini CLI' } as const

/** Requests of one session that are kept; the oldest go first. Some 100 bytes each. */
const MOST_REQUESTS = 2_000

interface Kept {
  /** From this time on nothing is missing, as far as this side can tell. */
  readonly from: EpochMs
  readonly requests: readonly (readonly [at: EpochMs, usage: ModelUsage, usd: Usd | null])[]
}

/** Takes batches, one after the other. `startedAt`: since when this process has listened. */
export function keeper(box: Toolbox, startedAt: EpochMs): (requests: readonly ToldRequest[]) => Promise<void> {
  const seen = new Set<SessionName>()
  let last: Promise<void> = Promise.resolve()
  return (requests) => {
    const work = async () => {
      for (const [session, own] of await bySession(box, requests)) {
        await keep(box, session, own, seen.has(session) ? undefined : startedAt)
        seen.add(session)
      }
    }
    last = last.then(work, work)
    return last
  }
}

/** Conversations that no session here is bound to are nobody's; their number is bounded by that. */
async function bySession(box: Toolbox, requests: readonly ToldRequest[]): Promise<Map<SessionName, ToldRequest[]>> {
  const ids = new Map(requests.map(({ tool, sessionId }) => [`${LABELS[tool]}=${sessionId}`, LABELS[tool]]))
  const names = new Map<string, SessionName | undefined>()
  for (const [id, label] of ids) names.set(id, await boundName(box, { label, id }))
  const found = new Map<SessionName, ToldRequest[]>()
  for (const request of requests) {
    const session = names.get(`${LABELS[request.tool]}=${request.sessionId}`)
    if (session !== undefined) found.set(session, [...(found.get(session) ?? []), request])
  }
  return found
}

async function keep(box: Toolbox, session: SessionName, requests: readonly ToldRequest[], startedAt?: EpochMs) {
  const name = nameOf(box, session)
  const before = readKept(await box.memory.read(name))
  const added = requests.map(({ at, usage, usd }) => [at, usage, usd ?? null] as const)
  const all = [...(before?.requests ?? []), ...added].sort(([a], [b]) => a - b)
  const dropped = all.length > MOST_REQUESTS ? all[all.length - MOST_REQUESTS - 1]?.[0] : undefined
  // Nobody listened before this process did, and what was dropped is missing.
  const from = Math.max(before?.from ?? 0, startedAt ?? 0, dropped ?? 0)
  await box.memory.write(name, JSON.stringify({ from, requests: all.slice(-MOST_REQUESTS) } satisfies Kept))
}

export interface Told {
  readonly usage: readonly ModelUsage[]
  /** The tool's own sum; `undefined` where it names none for one of its requests. */
  readonly usd: Usd | undefined
  readonly counted: 'all' | 'part'
}

/** What was told of requests after this time; `undefined`: nothing. */
export async function toldSince(box: Toolbox, session: SessionName, since: EpochMs): Promise<Told | undefined> {
  const kept = readKept(await box.memory.read(nameOf(box, session)))
  const requests = (kept?.requests ?? []).filter(([at]) => at > since)
  if (kept === undefined || requests.length === 0) return undefined
  const usd = requests.every((request) => request[2] !== null)
    ? Math.round(requests.reduce((sum, request) => sum + (request[2] ?? 0), 0) * 1_000_000) / 1_000_000
    : undefined
  const usage = addUsage(
    [],
    requests.map(([, one]) => one),
  )
  return { usage, usd, counted: kept.from <= since ? 'all' : 'part' }
}

/** Does any tool tell of this session? */
export async function isToldOf(box: Toolbox, session: SessionName): Promise<boolean> {
  return (await box.memory.read(nameOf(box, session))) !== undefined
}

function readKept(text: string | undefined): Kept | undefined {
  if (text === undefined) return undefined
  try {
    const { from, requests } = JSON.parse(text) as Kept
    if (typeof from !== 'number' || !Array.isArray(requests)) return undefined
    const read = requests.flatMap(([at, usage, usd]) =>
      readUsage([usage]).map((one) => [at, one, typeof usd === 'number' ? usd : null] as const),
    )
    return { from, requests: read.filter(([at]) => Number.isSafeInteger(at)) }
  } catch {
    return undefined
  }
}

function nameOf(box: Toolbox, session: SessionName): string {
  return `telemetry/${refKey(session, box.sha256)}`
}
