/** The sealed log of a fleet, read with git alone, and what must be true of it. */
import { sha1ObjectHash, sha256OfText, verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { type ObjectId, objectId, type SignedEvent } from '../../src/model/index.ts'
import {
  EMPTY_TREES,
  encodeEventCommit,
  eventHash,
  eventType,
  parseEvent,
  verifyEvent,
} from '../../src/witness/index.ts'
import type { Sandbox } from './git-servers.ts'

export interface Sealed {
  readonly oid: ObjectId
  readonly event: SignedEvent
}

/** Every sealed event, oldest seal first. */
export function sealedEvents(box: Sandbox, authority: string): Sealed[] {
  const args = ['log', '--reverse', '--notes=if-witness', '--format=%N', 'refs/heads/if-board/main']
  return box
    .git('.', `--git-dir=${authority}`, ...args)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const event = parseEvent(line)
      if (event === undefined) throw new Error(`a note holds a line that is no event: ${line.slice(0, 200)}`)
      return { event, oid: objectId(encodeEventCommit(event, EMPTY_TREES.sha1), sha1ObjectHash) }
    })
}

/** What is wrong with the chains: gaps, forks, events sealed twice, hashes or signatures that do not fit. */
export function brokenChains(events: readonly Sealed[]): string[] {
  const bySession = new Map<string, SignedEvent[]>()
  for (const { event } of events) bySession.set(event.session, [...(bySession.get(event.session) ?? []), event])
  return [...bySession].flatMap(([session, chain]) => {
    const sorted = [...chain].sort((a, b) => a.sequence - b.sequence)
    return sorted.flatMap((event, index) => {
      const before = sorted[index - 1]
      const previous = before === undefined ? undefined : eventHash(before, sha256OfText)
      const what = `${session} ${event.sequence} (${eventType(event)})`
      if (event.sequence !== index + 1) return [`${what}: number ${index + 1} was expected`]
      if (event.previous !== previous) return [`${what}: does not follow the event before it`]
      return verifyEvent(event, verifyEd25519) ? [] : [`${what}: its signature does not fit`]
    })
  })
}

export interface Completion {
  readonly id: string
  readonly session: string
  readonly oid: ObjectId
}

/**
 * Completions that replaced a grant of their own session, by task. What was asked again because a
 * server was killed between two refs of one push names the same grant, so it counts once.
 */
function grantedCompletions(events: readonly Sealed[]): Map<string, Completion[]> {
  const claims = new Map(events.filter(({ event }) => isGrant(event)).map(({ oid, event }) => [oid, event]))
  const found = new Map<string, Map<string, Completion>>()
  for (const { oid, event } of events) {
    const { task, replaces } = event.data
    if (eventType(event) !== 'complete' || task === undefined || replaces === undefined) continue
    const grant = claims.get(replaces)
    if (grant?.session !== event.session || grant.subject !== event.subject) continue
    const ofTask = found.get(task.id) ?? new Map<string, Completion>()
    found.set(task.id, ofTask.set(replaces, { id: task.id, session: event.session, oid }))
  }
  return new Map([...found].map(([id, byGrant]) => [id, [...byGrant.values()]]))
}

function isGrant(event: SignedEvent): boolean {
  return eventType(event) === 'claim' || eventType(event) === 'steal'
}

/** Tasks of `ids` that were not completed exactly once, and events of tasks that nobody knows. */
export function notDoneOnce(events: readonly Sealed[], ids: readonly string[]): string[] {
  const completions = grantedCompletions(events)
  const wrong = ids.filter((id) => completions.get(id)?.length !== 1)
  const unknown = [...completions.keys()].filter((id) => !ids.includes(id))
  return [
    ...wrong.map(
      (id) =>
        `${id}: ${
          completions
            .get(id)
            ?.map(({ session }) => session)
            .join(' and ') ?? 'nobody'
        }`,
    ),
    ...unknown.map((id) => `${id}: no such task`),
  ]
}
