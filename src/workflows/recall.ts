/**
 * What a session saw when it last moved a ref, with what it moved then: for a command that soon follows.
 *
 * A look at ref values (`peek`) costs a fraction of a fetch. Where it shows board, mode, claim and chain as they were,
 * they are judged as they were; what happened to others meanwhile is not known, so only a command whose answer depends
 * on nothing else goes by it. On an authority that guards refs a list costs no more than a look.
 */
import { claimRef, parseLedger, sessionRef } from '../claim/index.ts'
import {
  isObjectId,
  isRefName,
  type ObjectId,
  type RefName,
  refKey,
  type SessionName,
  type TaskKey,
} from '../model/index.ts'
import type { RefMove } from '../ports/index.ts'
import { type Evidence, LEDGER, readRefs } from './evidence.ts'
import { recallFold } from './fold-memory.ts'
import type { Toolbox } from './toolbox.ts'

/** Folds move the board every half minute while others work: later, the look would be in vain. */
const YOUNG_MS = 60_000

function viewOf(box: Toolbox, session: SessionName): string {
  return `view/${refKey(session, box.sha256)}`
}

/** `refs` as they were read, and the moves that were made on them. */
export async function keepView(
  box: Toolbox,
  session: SessionName,
  { refs, moves }: { readonly refs: ReadonlyMap<RefName, ObjectId>; readonly moves: readonly RefMove[] },
): Promise<void> {
  if (box.refs.guards) return
  const now = new Map(refs)
  for (const { ref, next } of moves) {
    if (next === undefined) now.delete(ref)
    else now.set(ref, next)
  }
  const lines = [...now].map(([ref, oid]) => `${oid} ${ref}\n`)
  await box.memory.write(viewOf(box, session), `${box.clock.now().wallMs}\n${lines.join('')}`)
}

/**
 * The evidence of that moment, if this hub has seen no other board since and all that it names is here. Nothing is
 * noted as seen: what an observer did not look at does not get older.
 */
export async function recallEvidence(box: Toolbox, session: SessionName): Promise<Evidence | undefined> {
  if (box.refs.guards) return undefined
  const { at, refs } = parseView((await box.memory.read(viewOf(box, session))) ?? '')
  const now = box.clock.now()
  const head = refs.get(box.layout.board)
  const isYoung = now.wallMs >= at && now.wallMs - at < YOUNG_MS
  if (head === undefined || !isYoung) return undefined
  if ((await recallFold(box)).head !== head) return undefined
  const ledger = parseLedger((await box.memory.read(LEDGER)) ?? '')
  const shown = await readRefs(box, refs)
  const own = refs.get(sessionRef(box.layout, session, box.sha256))
  const isWhole = shown.strange.size === 0 && shown.sessions.some(({ name, oid }) => name === session && oid === own)
  return isWhole ? { refs, head, ...shown, ledger, now } : undefined
}

/** Does the authority show board, notes, mode, this claim and the session's chain as they were? Rejects like `RefStore.peek`. */
export async function standsStill(
  box: Toolbox,
  { refs }: Pick<Evidence, 'refs'>,
  session: SessionName,
  key: TaskKey,
): Promise<boolean> {
  const { layout, sha256 } = box
  const seen = await box.refs.peek()
  // The notes too: they name the newest fold, which a branch that was put back to this very head would lack.
  const shared = [layout.board, layout.notes, layout.mode]
  const ours = [...shared, claimRef(layout, key, sha256), sessionRef(layout, session, sha256)]
  return ours.every((ref) => seen.get(ref) === refs.get(ref))
}

/** A damaged file reads as one that shows no board. */
function parseView(text: string): { readonly at: number; readonly refs: ReadonlyMap<RefName, ObjectId> } {
  const [at, ...lines] = text.split('\n')
  const refs = new Map<RefName, ObjectId>()
  for (const line of lines) {
    const [oid = '', ref = ''] = line.split(' ')
    if (isObjectId(oid) && isRefName(ref)) refs.set(ref, oid)
  }
  return { at: Number(at), refs }
}
