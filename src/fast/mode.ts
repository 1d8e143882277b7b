/**
 * The mode record: which engine decides claims. One line of JSON in the message of the commit that
 * `refs/if-board/mode` names; its arrows are in docs/fast-path.md. Every change of the ref is one compare-and-set,
 * so a record that was read is either still there or known to be old.
 */
import {
  invariant,
  isBoardName,
  isObjectId,
  isSessionName,
  isTaskId,
  type ObjectId,
  type SessionName,
  splitTaskKey,
  type TaskKey,
} from '../model/index.ts'

export type Mode = 'git' | 'switching' | 'etcd' | 'draining'

/**
 * What began the change that a record tells of, or is the outcome of: somebody typed it; the rule of `escalation.ts` saw
 * claims wait in git, or few of them in etcd; a way up was given up, or etcd turned out to be another server.
 */
export type ModeCause = 'person' | 'contention' | 'quiet' | 'trouble'

export interface ModeRecord {
  readonly mode: Mode
  /** Counts the changes of who decides; a claim belongs to exactly one. */
  readonly epoch: number
  /** Claims in git of an older epoch than this do not count. Not above `epoch`. */
  readonly since: number
  /** What the epoch key in etcd holds: hexadecimal digits; empty before the first switch. */
  readonly nonce: string
  /** M: for how long a process believes this record, from when its reading was sent; whole seconds, at most 10 minutes. */
  readonly leaseMs: number
  /** What was carried over; written once in `switching`, kept in `etcd` and `draining`. */
  readonly manifest: readonly CarriedClaim[] | undefined
  /** Absent: an older version wrote it, or one that knows more causes; taken for a person's word. */
  readonly by?: ModeCause | undefined
}

export interface CarriedClaim {
  readonly task: TaskKey
  readonly session: SessionName
  /** What the claim ref holds since it was carried; the nonce of the claim in etcd. */
  readonly claim: ObjectId
}

/** Without a mode ref git decides, as it always did. */
export const GIT_ALONE: ModeRecord = {
  mode: 'git',
  epoch: 0,
  since: 0,
  nonce: '',
  leaseMs: 15_000,
  manifest: undefined,
}

const MODES = new Set<unknown>(['git', 'switching', 'etcd', 'draining'])
const CAUSES = new Set<unknown>(['person', 'contention', 'quiet', 'trouble'])
/** A commit with a larger message is none of ours: 10,000 carried claims take 3 MB. */
const MAX_TEXT = 4 * 1024 * 1024

export function renderMode({ manifest, ...record }: ModeRecord): string {
  return `${JSON.stringify(manifest === undefined ? record : { ...record, manifest })}\n`
}

/** `undefined`: not understood. Who reads that claims nothing, in git or in etcd, and says so. */
export function parseMode(text: string): ModeRecord | undefined {
  if (text.length > MAX_TEXT) return undefined
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  const { mode, epoch, since, nonce, leaseMs, manifest, by } = value as Record<string, unknown>
  if (!MODES.has(mode) || !isCount(epoch) || !isCount(since) || since > epoch) return undefined
  if (typeof nonce !== 'string' || !/^[0-9a-f]{0,64}$/.test(nonce)) return undefined
  if (!isCount(leaseMs) || leaseMs < 1000 || leaseMs % 1000 !== 0 || leaseMs > 600_000) return undefined
  const carried = manifest === undefined ? undefined : toManifest(manifest)
  if (manifest !== undefined && carried === undefined) return undefined
  const record = { mode: mode as Mode, epoch, since, nonce, leaseMs, manifest: carried }
  return CAUSES.has(by) ? { ...record, by: by as ModeCause } : record
}

/** One entry that is not understood, or a task named twice, makes the whole unknown: a claim could be given away. */
function toManifest(value: unknown): readonly CarriedClaim[] | undefined {
  if (!Array.isArray(value)) return undefined
  const carried = value.map(toCarried)
  const isWhole = carried.every((entry) => entry !== undefined)
  return isWhole && new Set(carried.map(({ task }) => task)).size === carried.length ? carried : undefined
}

function toCarried(value: unknown): CarriedClaim | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { task, session, claim } = value as Record<string, unknown>
  if (typeof task !== 'string' || !isTaskKey(task)) return undefined
  if (typeof session !== 'string' || !isSessionName(session)) return undefined
  if (typeof claim !== 'string' || !isObjectId(claim)) return undefined
  return { task, session, claim }
}

function isTaskKey(text: string): text is TaskKey {
  const { board, id } = splitTaskKey(text as TaskKey)
  return isBoardName(board) && isTaskId(id)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** git → switching: nobody takes a claim in git that counts from here on. `nonce`: at least 128 random bits. */
export function goUp(
  record: ModeRecord,
  { nonce, leaseMs, by }: Pick<ModeRecord, 'nonce' | 'leaseMs' | 'by'>,
): ModeRecord {
  return { ...leave(record, 'git', by), mode: 'switching', nonce, leaseMs, manifest: undefined }
}

/** switching, with everything carried that counted. */
export function withManifest(record: ModeRecord, manifest: readonly CarriedClaim[]): ModeRecord {
  invariant(record.mode === 'switching' && record.manifest === undefined, 'a manifest is written once')
  return { ...record, manifest }
}

/** switching → etcd, in the same epoch, after its epoch key exists. */
export function goFast(record: ModeRecord): ModeRecord {
  invariant(record.mode === 'switching' && record.manifest !== undefined, 'etcd decides after the manifest')
  return { ...record, mode: 'etcd' }
}

/** switching → git. What was carried counts on, by `since`. */
export function giveUp(record: ModeRecord, by?: ModeCause): ModeRecord {
  return { ...leave(record, 'switching', by), mode: 'git', manifest: undefined }
}

/** etcd → draining. */
export function drain(record: ModeRecord, by?: ModeCause): ModeRecord {
  return { ...leave(record, 'etcd', by), mode: 'draining' }
}

/** draining → git, after grace and the closing fold: of claims in git, those that were registered count. */
export function backToGit(record: ModeRecord): ModeRecord {
  return { ...leave(record, 'draining', record.by), mode: 'git', since: record.epoch, manifest: undefined }
}

function leave({ by: _, ...record }: ModeRecord, mode: Mode, by: ModeCause | undefined): ModeRecord {
  invariant(record.mode === mode, `the mode is ${record.mode}, not ${mode}`)
  return { ...record, epoch: record.epoch + 1, ...(by === undefined ? {} : { by }) }
}

/** Epoch of the space in etcd that a record speaks of: draining counts one further than what it drains. */
export function fastEpoch({ mode, epoch }: ModeRecord): number {
  return mode === 'draining' ? epoch - 1 : epoch
}

/** After a claim was pushed that had been asked for under `epoch`: a push cannot assert the mode, so it is read again. */
export function confirmsGrant(record: ModeRecord, epoch: number): boolean {
  return record.mode === 'git' && record.epoch === epoch
}
