/**
 * What the sessions of this clone said in etcd, by their newest event: noted before it is sent, so that a chain goes on
 * where it ended although git has not heard of it. The events themselves are objects of the hub.
 */
import { isObjectId, isSessionName, type ObjectId, refKey, type SessionName } from '../../model/index.ts'
import type { Toolbox } from '../toolbox.ts'
import type { FastEngine } from './engine.ts'

type Hub = Pick<Toolbox, 'memory' | 'sha256'>

const NAMES = 'said/names'
/** Names that are kept; older ones have been silent for long. */
const MOST_NAMES = 1000

/** The newest event that this session has said. */
export async function readSaid(hub: Hub, session: SessionName): Promise<ObjectId | undefined> {
  const text = (await hub.memory.read(nameOf(hub, session)))?.trim() ?? ''
  return isObjectId(text) ? text : undefined
}

export async function writeSaid(hub: Hub, session: SessionName, oid: ObjectId | undefined): Promise<void> {
  if (oid === undefined) return hub.memory.remove(nameOf(hub, session))
  const isKnown = (await saidNames(hub)).includes(session)
  // One file of all sessions, whose own locks keep none of the others out.
  if (!isKnown) await hub.memory.update(NAMES, (text) => withName(text, session))
  await hub.memory.write(nameOf(hub, session), `${oid}\n`)
}

function withName(text: string | undefined, session: SessionName): string {
  const others = parseNames(text).filter((name) => name !== session)
  return [...others, session]
    .slice(-MOST_NAMES)
    .map((name) => `${name}\n`)
    .join('')
}

/** Sessions of this clone that have said something in etcd. */
async function saidNames({ memory }: Hub): Promise<SessionName[]> {
  return parseNames(await memory.read(NAMES))
}

function parseNames(text = ''): SessionName[] {
  return text.split('\n').filter(isSessionName)
}

/** By all of them. */
export async function allSaid(hub: Hub): Promise<Map<SessionName, ObjectId>> {
  const said = new Map<SessionName, ObjectId>()
  for (const session of await saidNames(hub)) {
    const oid = await readSaid(hub, session)
    if (oid !== undefined) said.set(session, oid)
  }
  return said
}

/** How long a session needs no sign of life from when its watcher begins anew: the default lease of tasks. */
const LIFE_MS = 30 * 60_000

/** A watcher that begins anew takes over what they left in etcd; who is gone ends by the lease of its task. */
export async function welcomeBack(hub: Hub, engine: FastEngine): Promise<void> {
  for (const session of await saidNames(hub)) engine.alive(session, LIFE_MS)
}

function nameOf({ sha256 }: Hub, session: SessionName): string {
  return `said/${refKey(session, sha256)}`
}
