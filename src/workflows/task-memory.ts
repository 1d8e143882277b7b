/**
 * The index of all tasks as this hub keeps it: one file for one head of the branch.
 *
 *     mark, length of the header (4 bytes each) · header, JSON · columns · every task, JSON, one behind the other
 *
 * Whoever asks reads header and columns, and of the tasks those alone that matter. A file of another
 * machine's byte order, of another version, or cut short is no index; then all is read, and a new one written.
 */
import { concatBytes, type ObjectId } from '../model/index.ts'
import type { StoredBytes } from '../ports/index.ts'
import { columnBytes, columnsFrom, type IndexedTask, type TaskIndex } from '../projection/index.ts'
import { type BranchFrame, PARSE_VERSION, reviveFrame, type SerializedFrame, serializeFrame } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

const FILE = 'cache/tasks.bin'
/** In the order of bytes that columns have; bump its last digits when the meaning of anything here changes. */
const MARK = 0x1fb0_0002
/** What is read at first; a small board is in it whole. */
const FIRST_READ = 128 * 1024
/** Tasks nearer to each other than this are read in one go. */
const NEAR = 4096

interface Header extends Omit<TaskIndex, 'columns'> {
  /** `PARSE_VERSION` of the program that read the boards. */
  readonly parsed: number
  readonly frame: SerializedFrame
  /** Bytes of each column. */
  readonly sizes: readonly number[]
}

export interface StoredIndex {
  readonly frame: BranchFrame
  readonly index: TaskIndex
  /** @throws SyntaxError  where the file is damaged */
  tasks(numbers: readonly number[]): Promise<ReadonlyMap<number, IndexedTask>>
  close(): Promise<void>
}

/** The index of this head, if that is the one that is kept. */
export async function openIndex(box: Toolbox, head: ObjectId): Promise<StoredIndex | undefined> {
  const stored = await box.memory.openBytes(FILE)
  if (stored === undefined) return undefined
  try {
    const opened = await readIndex(stored, head)
    if (opened === undefined) await stored.close()
    return opened
  } catch {
    await stored.close()
    return undefined
  }
}

async function readIndex(stored: StoredBytes, head: ObjectId): Promise<StoredIndex | undefined> {
  const first = await stored.read(0, Math.min(FIRST_READ, stored.size))
  const [mark, headerBytes = 0] = new Uint32Array(first.slice(0, 8).buffer)
  if (mark !== MARK) return undefined
  const at = partsOf(stored, first)
  const header = JSON.parse(decode(await at(8, 8 + headerBytes))) as Header
  if (header.frame.head !== head || header.parsed !== PARSE_VERSION) return undefined
  const columnsAt = 8 + headerBytes
  const [endsSize = 0, ...sizes] = header.sizes
  const tasksAt = columnsAt + header.sizes.reduce((sum, size) => sum + size, 0)
  const bytes = await at(columnsAt, tasksAt)
  const ends = new Float64Array(bytes.slice(0, endsSize).buffer)
  const { frame, sizes: _, parsed: __, ...rest } = header
  return {
    frame: reviveFrame(frame),
    index: { ...rest, columns: columnsFrom(bytes.subarray(endsSize), sizes) },
    tasks: (numbers) => readTasks(at, { ends, tasksAt }, numbers),
    close: () => stored.close(),
  }
}

type Parts = (start: number, end: number) => Promise<Uint8Array>

/** @throws RangeError  beyond the end: the file was cut */
function partsOf(stored: StoredBytes, first: Uint8Array): Parts {
  return async (start, end) => {
    if (end > stored.size) throw new RangeError('beyond the end of the index')
    return end <= first.length ? first.subarray(start, end) : stored.read(start, end)
  }
}

interface Places {
  /** Where each task ends, from the begin of the first. */
  readonly ends: Float64Array
  readonly tasksAt: number
}

async function readTasks(
  parts: Parts,
  { ends, tasksAt }: Places,
  numbers: readonly number[],
): Promise<Map<number, IndexedTask>> {
  const span = (number: number) => ({
    start: tasksAt + (number === 0 ? 0 : (ends[number - 1] as number)),
    end: tasksAt + (ends[number] as number),
  })
  const tasks = new Map<number, IndexedTask>()
  for (const run of runsOf(numbers, span)) {
    const { start } = span(run[0] as number)
    const bytes = await parts(start, span(run.at(-1) as number).end)
    for (const number of run) {
      const place = span(number)
      tasks.set(number, JSON.parse(decode(bytes.subarray(place.start - start, place.end - start))) as IndexedTask)
    }
  }
  return tasks
}

function runsOf(numbers: readonly number[], span: (number: number) => { start: number; end: number }): number[][] {
  const runs: number[][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && span(number).start - span(last.at(-1) as number).end < NEAR) last.push(number)
    else runs.push([number])
  }
  return runs
}

const decoder = new TextDecoder()
const decode = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Keep the index of this head, in place of any other. */
export async function keepIndex(
  box: Toolbox,
  frame: BranchFrame,
  { index, tasks }: { readonly index: TaskIndex; readonly tasks: readonly IndexedTask[] },
): Promise<void> {
  const encoder = new TextEncoder()
  const texts = tasks.map((task) => encoder.encode(JSON.stringify(task)))
  const ends = new Float64Array(texts.length)
  texts.reduce((end, text, at) => {
    ends[at] = end + text.length
    return end + text.length
  }, 0)
  const { columns, ...rest } = index
  const columnParts = [new Uint8Array(ends.buffer), ...columnBytes(columns)]
  const sizes = columnParts.map(({ length }) => length)
  const header: Header = { ...rest, parsed: PARSE_VERSION, frame: serializeFrame(frame), sizes }
  const headerPart = encoder.encode(JSON.stringify(header))
  const lead = new Uint8Array(Uint32Array.of(MARK, headerPart.length).buffer)
  await box.memory.writeBytes(FILE, [lead, headerPart, ...columnParts, concatBytes(texts)])
}
