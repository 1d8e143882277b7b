/** What stands in a space: keys and values of etcd read as the port calls them, in a list and in a watch. */
import type { TaskKey } from '../../model/index.ts'
import type { FastChange, FastDone, FastHeld, FastListing } from '../../ports/fast-path.ts'
import type { FoundKey, SpaceKeys } from './keys.ts'
import type { KeyValue } from './messages.ts'
import { readArmed, readClaim, readDone, readProjector, readText } from './values.ts'
import type { Read } from './wire.ts'

export type KeyAndValue = Read<typeof KeyValue>

export function readListing(keys: SpaceKeys, revision: number, found: readonly KeyAndValue[]): FastListing {
  const ready = new Map<TaskKey, string>()
  const claims = new Map<TaskKey, FastHeld>()
  const done = new Map<TaskKey, FastDone>()
  const single: { epochNonce?: string; projector?: FastListing['projector']; armed?: FastListing['armed'] } = {}
  let unreadable = 0
  for (const pair of found) {
    const change = readChange(keys, pair, false)
    if (change?.value === undefined) unreadable += 1
    else if (change.key === 'epoch') single.epochNonce = change.value
    else if (change.key === 'projector') single.projector = change.value
    else if (change.key === 'armed') single.armed = change.value
    else if (change.key === 'ready') ready.set(change.task, change.value)
    else if (change.key === 'claim') claims.set(change.task, change.value)
    else done.set(change.task, change.value)
  }
  const { epochNonce, projector, armed } = single
  return { revision, epochNonce, ready, claims, done, projector, armed, unreadable }
}

/**
 * One key as it stands now, or its deletion. `undefined`: no key of ours.
 *
 * A value that cannot be read is told like a deletion: nobody's. Its key still stands in the way of a claim.
 */
export function readChange(keys: SpaceKeys, pair: KeyAndValue, isDeleted: boolean): FastChange | undefined {
  const key = keys.read(pair.key)
  return key === undefined ? undefined : changeOf(key, isDeleted ? undefined : pair)
}

function changeOf({ kind, task }: FoundKey, pair: KeyAndValue | undefined): FastChange {
  switch (kind) {
    case 'epoch':
      return { key: 'epoch', value: pair && readText(pair.value) }
    case 'projector':
      return { key: 'projector', value: pair && readProjector(pair.value) }
    case 'armed':
      return { key: 'armed', value: pair && readArmed(pair.value) }
    case 'ready':
      return { key: 'ready', task, value: pair && readText(pair.value) }
    case 'claim':
      return { key: 'claim', task, value: pair && heldOf(task, pair) }
    case 'done':
      return { key: 'done', task, value: pair && doneOf(task, pair) }
  }
}

function heldOf(task: TaskKey, { value, createRevision }: KeyAndValue): FastHeld | undefined {
  const claim = readClaim(value)
  return claim && { task, claim, revision: createRevision }
}

function doneOf(task: TaskKey, { value, createRevision }: KeyAndValue): FastDone | undefined {
  const done = readDone(value)
  return done && { task, ...done, revision: createRevision }
}
