/** One change of the mode record: a commit of its own, moved to by compare-and-set. */
import { type ModeRecord, renderMode } from '../../fast/mode.ts'
import { encodeCommit, type GitObject, type ObjectId, objectId, type SessionName } from '../../model/index.ts'
import type { MoveOutcome } from '../../ports/index.ts'
import { sessionEmail } from '../../witness/session-commit.ts'
import { say } from '../publish.ts'
import type { WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'

export interface ModeMove {
  readonly session: SessionName
  readonly to: ModeRecord
  /** What was measured, where a rule moves it and no person; the event then names the rule. */
  readonly reason?: string | undefined
}

/**
 * From the record that was read to `to`. Who decides changes in one push with a `mode` event on the speaker's chain;
 * a manifest, which changes nobody's decision, is moved alone. The caller reads again on any outcome but `moved`.
 */
export async function moveMode(
  box: Toolbox,
  reading: WholeReading,
  { session, to, reason }: ModeMove,
): Promise<MoveOutcome> {
  const { mode } = reading
  const before = reading.refs.get(box.layout.mode)
  const commit = modeCommit(box, { session, to, before })
  const move = { ref: box.layout.mode, expected: before, next: objectId(commit, box.objects.hash) }
  if (mode.mode === to.mode) {
    await box.objects.write([commit])
    return box.refs.moveAll([move])
  }
  const why = reason === undefined || to.by === undefined ? {} : { rule: to.by, reason }
  const data = { mode: { from: mode.mode, to: to.mode, epoch: to.epoch }, ...why }
  return (await say(box, reading, { session, type: 'mode', data, more: [move], moreObjects: [commit] })).outcome
}

interface ModeCommit {
  readonly session: SessionName
  readonly to: ModeRecord
  readonly before: ObjectId | undefined
}

/** Where the ref is a branch it moves to children alone; elsewhere old manifests are nobody's concern. */
function modeCommit(box: Toolbox, { session, to, before }: ModeCommit): GitObject {
  return encodeCommit({
    tree: box.emptyTree,
    parents: box.layout.kind === 'heads' && before !== undefined ? [before] : [],
    name: session,
    email: sessionEmail(session),
    seconds: Math.floor(box.clock.now().wallMs / 1000),
    message: renderMode(to),
  })
}
