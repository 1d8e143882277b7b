/** What a clone remembers of a tool's session between two hooks. What is lost costs a reminder more, nothing else. */
import { type EpochMs, isObjectId, type TaskKey } from '../../model/index.ts'
import type { LocalMemory } from '../../ports/index.ts'
import { type Decision, type HookMemory, NO_MEMORY } from './stop-rule.ts'

/** One firing of a hook, told from its repetition: hooks fire twice where two settings name them. */
export interface Firing {
  /** Of the bytes that the tool sent. */
  readonly hash: string
  readonly startedAt: number
}

export interface HookRecord extends HookMemory {
  /** The stop that was answered last. */
  readonly firing: Firing | undefined
  /** What that answer was. */
  readonly decision: Decision
}

const NO_RECORD: HookRecord = { ...NO_MEMORY, firing: undefined, decision: { kind: 'stop' } }

/** One event reaches all of its hooks at the same moment. */
const SAME_MOMENT_MS = 2_000

export function isSameFiring(a: Firing | undefined, b: Firing): boolean {
  return a !== undefined && a.hash === b.hash && isSameMoment(a, b)
}

/** Did these two begin together? */
export function isSameMoment(a: Firing | undefined, { startedAt }: Pick<Firing, 'startedAt'>): boolean {
  return a !== undefined && Math.abs(a.startedAt - startedAt) <= SAME_MOMENT_MS
}

export async function readRecord(memory: LocalMemory, key: string): Promise<HookRecord> {
  const value = parse(await memory.read(textName(key)))
  if (value === undefined) return NO_RECORD
  const { firing, decision } = value
  return {
    ...memoryOf(value),
    firing: isObject(firing) ? { hash: String(firing.hash), startedAt: numberOf(firing.startedAt) } : undefined,
    decision: decisionOf(decision),
  }
}

export async function writeRecord(memory: LocalMemory, key: string, record: HookRecord): Promise<void> {
  await memory.write(textName(key), JSON.stringify(record))
}

/** The conversation ended, or begins anew. */
export async function forgetRecord(memory: LocalMemory, key: string): Promise<void> {
  await memory.remove(textName(key))
}

/** When a hook of this tool last fired in this clone: `doctor` tells by it whether the tool trusts them. */
export async function noteFired(memory: LocalMemory, tool: string, at: EpochMs): Promise<void> {
  await memory.write(`hooks/fired/${tool}`, String(at))
}

export async function lastFiredAt(memory: LocalMemory, tool: string): Promise<EpochMs | undefined> {
  const at = Number((await memory.read(`hooks/fired/${tool}`)) ?? Number.NaN)
  return Number.isFinite(at) ? at : undefined
}

function textName(key: string): string {
  return `hooks/${key}`
}

function memoryOf({ grant, task, head, answeredAt, strikes, turns, rests }: Record<string, unknown>): HookMemory {
  return {
    grant: oidOf(grant),
    task: typeof task === 'string' ? (task as TaskKey) : undefined,
    head: oidOf(head),
    answeredAt: numberOf(answeredAt),
    strikes: numberOf(strikes),
    turns: numberOf(turns),
    rests: rests === true,
  }
}

function decisionOf(value: unknown): Decision {
  const { kind, strike } = isObject(value) ? value : {}
  switch (kind) {
    case 'hand-over':
    case 'go-on':
    case 'give-back':
    case 'wait':
      return { kind }
    case 'remind':
      return { kind, strike: numberOf(strike) }
    default:
      return { kind: 'stop' }
  }
}

function oidOf(value: unknown) {
  return typeof value === 'string' && isObjectId(value) ? value : undefined
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
