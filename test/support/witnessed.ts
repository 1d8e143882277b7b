/** What a fleet's witness log holds, and events that nobody of the fleet would write. */
import {
  type EventBody,
  type EventType,
  encodeCommit,
  type ObjectId,
  parseCommit,
  type RefName,
  type SignedEvent,
  type TaskKey,
} from '../../src/model/index.ts'
import {
  canonicalJson,
  encodeEventCommit,
  eventType,
  formatTime,
  type Note,
  parseNote,
  signEvent,
  traceIdOf,
  traceparent,
} from '../../src/witness/index.ts'
import { listFiles, readCommit, readText } from '../../src/workflows/branch-tree.ts'
import type { Clone, Fleet } from './fleet.ts'

/** Every note of the log, oldest fold first. */
export async function notesOf(clone: Clone): Promise<Note[]> {
  const { objects, refs, layout } = clone.box
  const tip = (await refs.list()).get(layout.notes)
  if (tip === undefined) return []
  const files = await listFiles(objects, (await readCommit(objects, tip)).tree, () => false)
  const notes = await Promise.all([...files.values()].map(async (oid) => parseNote(await readText(objects, oid))))
  return notes.filter((note) => note !== undefined).sort((a, b) => a.checkpoint.fold - b.checkpoint.fold)
}

/** Sealed events of every note, each note in its own order: `session-1#2 complete`. */
export async function sealedNotes(clone: Clone): Promise<string[][]> {
  return (await notesOf(clone)).map(({ events }) => events.map(nameOfEvent))
}

export function nameOfEvent(event: SignedEvent): string {
  return `${event.session}#${event.sequence} ${eventType(event)}`
}

/** All sealed events, sorted by session and sequence (below 10). */
export async function sealedEvents(clone: Clone): Promise<string[]> {
  return (await sealedNotes(clone)).flat().sort()
}

export interface Forgery {
  readonly type: EventType
  readonly subject: TaskKey
  readonly session: string
  readonly sequence?: number
  readonly data?: Readonly<Record<string, unknown>>
}

/** Somebody with rights and a key of their own points a ref at an event that says whatever they like. */
export async function forge({ fleet, clone, ref }: ForgeryPlace, forgery: Forgery): Promise<ObjectId> {
  const { box } = clone
  const { type, subject, session, sequence = 1, data } = forgery
  const [board, id] = subject.split(/:(.*)/s)
  const body = {
    specversion: '1.0',
    id: box.chance.hex(16),
    source: `if-board:${box.boardId}`,
    type: `if-board.${type}`,
    subject,
    time: formatTime(box.clock.now().wallMs),
    traceparent: traceparent(traceIdOf(box.boardId, subject, box.sha256), '1'.repeat(16)),
    session,
    sessionkey: await box.keys.publicKey('forger' as never),
    sequence,
    ...(sequence === 1 ? {} : { previous: '0'.repeat(64) }),
    parents: [],
    data: { task: { board, id, title: `Do ${id}` }, epoch: 1, ...data },
  } as unknown as EventBody
  const sign = (text: string) => box.keys.sign('forger' as never, text)
  // The writer refuses strange counts: it writes the line for people of a mild event, and they are put in afterwards.
  const mild = encodeEventCommit(await signEvent(mildest(body), sign), box.emptyTree)
  const { message = '' } = parseCommit(mild.body) ?? {}
  const line = message.split('\n')[0]?.replace(/\(epoch 1\)$/, `(epoch ${body.data.epoch})`)
  const commit = encodeCommit({
    tree: box.emptyTree,
    parents: body.parents,
    name: session,
    email: `${session}@if-board.invalid`,
    seconds: Math.floor(box.clock.now().wallMs / 1000),
    message: `${line}\n\n${canonicalJson(await signEvent(body, sign))}\n`,
  })
  // Real git needs the tree that the commit names.
  const [, oid] = await box.objects.write([{ type: 'tree', body: new Uint8Array() }, commit])
  await fleet.force(ref, oid)
  return oid as ObjectId
}

function mildest(body: EventBody): EventBody {
  const { task, leaseSeconds } = body.data
  return {
    ...body,
    data: {
      ...(task === undefined ? {} : { task }),
      epoch: 1,
      ...(leaseSeconds === undefined ? {} : { leaseSeconds: 60 }),
    },
  }
}

export interface ForgeryPlace {
  readonly fleet: Fleet
  readonly clone: Clone
  readonly ref: RefName
}
