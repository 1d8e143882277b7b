/**
 * What each sealed note is about, kept in the hub's memory as JSON: one row per fold, in the order of the log.
 *
 * Notes never change under one commit of the notes ref, so what is kept under its id is right; on a newer one only
 * the notes are read whose blobs are not known. What is lost is made again from the notes, and costs that time.
 */
import type { ObjectId } from '../../model/index.ts'
import { type NoteSummary, sealTitle, summarizeNote } from '../../witness/note-summary.ts'
import { readText } from '../branch-tree.ts'
import type { Judged } from '../reading.ts'
import type { Toolbox } from '../toolbox.ts'
import { type NotePlace, noteBlobs, notesCommits } from './sealed-log.ts'

export interface FoldRow extends NotePlace, NoteSummary {
  readonly fold: number
}

const NAME = 'cache/witness-index'
const VERSION = 2
/** Notes that are read at once. */
const AT_ONCE = 64

interface Kept {
  /** What the notes ref held; `undefined`: nothing is kept. */
  readonly tip: ObjectId | undefined
  readonly rows: readonly FoldRow[]
}

/** Oldest fold first. */
export async function readLogIndex(box: Toolbox, reading: Pick<Judged, 'refs'>): Promise<readonly FoldRow[]> {
  const tip = reading.refs.get(box.layout.notes)
  if (tip === undefined) return []
  const kept = parseKept(await box.memory.read(NAME))
  if (kept.tip === tip) return kept.rows
  const rows = await newRows(box, reading, kept)
  await box.memory.write(NAME, renderKept(tip, rows))
  return rows
}

async function newRows(box: Toolbox, reading: Pick<Judged, 'refs'>, kept: Kept): Promise<FoldRow[]> {
  const known = new Map(kept.rows.map((row) => [row.blob, row]))
  const blobs = await noteBlobs(box, reading)
  const places = (await foldsInOrder(box, reading, kept)).flatMap(({ board, fold }) => {
    const blob = blobs.get(board)
    return blob === undefined ? [] : [{ board, fold, blob }]
  })
  const rows: FoldRow[] = []
  for (let at = 0; at < places.length; at += AT_ONCE) {
    const group = places.slice(at, at + AT_ONCE)
    rows.push(
      ...(await Promise.all(
        group.map(async (place) => ({
          ...(known.get(place.blob) ?? summarizeNote(await readText(box.objects, place.blob))),
          ...place,
        })),
      )),
    )
  }
  return rows
}

/** The folds of the notes ref's history: those that are kept, where it still leads to them, and the newer ones. */
async function foldsInOrder(box: Toolbox, reading: Pick<Judged, 'refs'>, kept: Kept) {
  const newer: { readonly board: ObjectId; readonly fold: number }[] = []
  for await (const { commit, message, isReplaced } of notesCommits(box, reading)) {
    if (commit === kept.tip) return [...kept.rows, ...newer.reverse()].filter(isFirstOfFold)
    const title = isReplaced ? undefined : sealTitle(message)
    if (title !== undefined) newer.push(title)
  }
  return newer.reverse()
}

export interface PrunedPart {
  /** Number of the newest fold without its events. */
  readonly throughFold: number
  /** Events of the log up to there; none of them is left. */
  readonly events: number
}

/** What a prune took away (docs/retention.md): a note without events whose log is longer than before. */
export function prunedPart(rows: readonly FoldRow[]): PrunedPart | undefined {
  const last = rows.findLast(({ events, size }, at) => events === 0 && size > (rows[at - 1]?.size ?? 0))
  return last === undefined ? undefined : { throughFold: last.fold, events: last.size }
}

/** What a prune put in the place of the newest fold that was kept is that fold again. */
function isFirstOfFold({ fold }: { readonly fold: number }, at: number, rows: readonly { readonly fold: number }[]) {
  return fold !== rows[at - 1]?.fold
}

function renderKept(tip: ObjectId, rows: readonly FoldRow[]): string {
  return JSON.stringify({ version: VERSION, tip, rows })
}

/** What this version has not written whole counts as lost. */
function parseKept(text: string | undefined): Kept {
  try {
    const { version, tip, rows } = JSON.parse(text ?? '{}') as Partial<Kept> & { readonly version?: number }
    if (version === VERSION && typeof tip === 'string' && Array.isArray(rows)) return { tip, rows }
  } catch {
    // Half a file.
  }
  return { tip: undefined, rows: [] }
}
