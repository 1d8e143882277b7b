/** When a command folds on its way out: rarely, once, and never at the cost of its answer. */
import { claimRef, elapsedMs } from '../claim/index.ts'
import type { SessionName } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { lastReading, type Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

const MANY_COMPLETIONS = 50
const SHOW_CLAIMS_AFTER_MS = 120_000
/** Longest time that a command spends on a fold after its answer. */
const PATIENCE_MS = 2_000

/** Is a fold of git alone due by what the last reading saw? `spread` in [0, 1) keeps participants apart. */
export function foldIsDue(box: Toolbox, reading: Reading, spread: number): boolean {
  if (reading.mode.mode === 'etcd' || reading.mode.mode === 'draining') return false
  // Everybody sees the same age and the same count: without this spread all would fold at once and one would land.
  const participants = Math.max(1, [...reading.snapshot.sessions.values()].filter(({ active }) => active).length)
  const waitMs = reading.config.foldEverySeconds * 1000 * (1 + (spread * participants) / 8)
  const many = MANY_COMPLETIONS * (1 + (spread * participants) / 8)
  const views = [...reading.snapshot.views.values()]
  const completed = views.filter(waitsForFold)
  if (completed.length >= many) return true
  if (completed.some((view) => ageMs(box, reading, view) >= waitMs)) return true
  if (views.some((view) => isHidden(view) && ageMs(box, reading, view) >= SHOW_CLAIMS_AFTER_MS)) return true
  return reading.snapshot.awaitsFold()
}

/** How long this observer has seen the claim ref as it is. */
function ageMs(box: Toolbox, { ledger, now }: Reading, { claim }: TaskView): number {
  const seen = claim === undefined ? undefined : ledger.get(claimRef(box.layout, claim.key, box.sha256))
  return seen === undefined ? 0 : elapsedMs(seen, now)
}

/** Held, and the board does not say so yet although it has a word for it. */
function isHidden({ judgement: { standing }, state, task }: TaskView): boolean {
  const hasRoom = task.statusText !== '' || task.showsClaims === true
  return standing.kind === 'held' && hasRoom && state?.claim !== standing.claim.oid
}

const MERGE_LOOK = 'merge-look'

/** Completions wait for their merge, and nobody of this clone has looked at the base branch for a fold interval. */
export async function mergeLookIsDue(box: Toolbox, { snapshot, config, now }: Reading): Promise<boolean> {
  const waits = [...snapshot.views.values()].some(({ judgement: { standing } }) => standing.kind === 'review')
  if (!waits || config.baseBranch === undefined) return false
  const [wall, monotonic, bootId = ''] = ((await box.memory.read(MERGE_LOOK)) ?? '').split(' ')
  const looked = { wallMs: Number(wall), monotonicMs: Number(monotonic), bootId }
  if (looked.bootId === now.bootId && elapsedMs(looked, now) < config.foldEverySeconds * 1000) return false
  await box.memory.write(MERGE_LOOK, `${now.wallMs} ${now.monotonicMs} ${now.bootId}`)
  return true
}

/** After the answer is printed: once, within two seconds, whatever comes of it. */
export async function foldIfDue(box: Toolbox, session: SessionName): Promise<void> {
  await foldWhen(box, session, async (reading) => {
    return foldIsDue(box, reading, box.chance.fraction()) || (await mergeLookIsDue(box, reading))
  })
}

/** The same for a session that leaves: a completion is written into the board however young it is. */
export async function foldOnLeaving(box: Toolbox, session: SessionName): Promise<void> {
  await foldWhen(box, session, async ({ snapshot }) => [...snapshot.views.values()].some(waitsForFold))
}

async function foldWhen(
  box: Toolbox,
  session: SessionName,
  isDue: (reading: Reading) => Promise<boolean>,
): Promise<void> {
  const reading = lastReading(box)
  if (reading === undefined) return
  try {
    if (!(await isDue(reading))) return
    const { fold } = await import('./fold.ts')
    await Promise.race([fold(box, session), box.clock.sleep(PATIENCE_MS)])
  } catch {
    // The next command, `sync` or a watcher folds; this one has given its answer already.
  }
}

/** Completed by a session, and the board does not say so yet. */
function waitsForFold({ judgement: { standing } }: TaskView): boolean {
  return standing.kind === 'completed' && standing.claim !== undefined
}
