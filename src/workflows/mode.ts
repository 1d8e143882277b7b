/** The mode record as the authority shows it: which engine decides claims. */
import { GIT_ALONE, type ModeRecord, parseMode } from '../fast/mode.ts'
import { IfBoardError, type ObjectId, parseCommit, type RefName } from '../model/index.ts'
import type { Toolbox } from './toolbox.ts'

/** What this process read last: the record stays for days, and everybody asks for it all the time. */
const newest = new WeakMap<Toolbox, { readonly oid: ObjectId; readonly record: ModeRecord }>()

/**
 * `undefined`: there is a record, and it is not understood. No ref at all means git, and costs nothing.
 *
 * @param refs  as `RefStore.list` answered them
 */
export async function readMode(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): Promise<ModeRecord | undefined> {
  const oid = refs.get(box.layout.mode)
  if (oid === undefined) return GIT_ALONE
  const known = newest.get(box)
  if (known?.oid === oid) return known.record
  const object = await box.objects.read(oid)
  const commit = object?.type === 'commit' ? parseCommit(object.body) : undefined
  const record = commit && parseMode(commit.message)
  if (record !== undefined) newest.set(box, { oid, record })
  return record
}

/**
 * Whoever decides needs to know who does: what is not understood may be an engine that this version does not know.
 *
 * @throws IfBoardError `authority/unsupported`
 */
export async function needMode(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): Promise<ModeRecord> {
  const record = await readMode(box, refs)
  if (record !== undefined) return record
  throw new IfBoardError('authority/unsupported', 'these boards are in a mode that this version does not know', {
    hint: 'Use the version of if-board that the other sessions use: if-board --version',
  })
}
