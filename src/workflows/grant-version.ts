/** By which statement of the registry a session acts: all that the events of a session need of it. */
import { IfBoardError, type ObjectId, REGISTRY_FILE, type SessionName } from '../model/index.ts'
import { currentGrant } from '../witness/index.ts'
import { findEntry, readText } from './branch-tree.ts'
import type { Toolbox } from './toolbox.ts'

/**
 * Version of the statement by which a session's key is authorized now, for the events that it signs (`data.grant`).
 * Reads two trees and, only where the branch has a registry, one file; nothing in it is checked here, because whoever
 * reads the event judges the statement by operators of his own.
 */
export async function grantVersion(
  box: Toolbox,
  tree: ObjectId,
  of: { readonly session: SessionName; readonly key: string },
): Promise<number | undefined> {
  const text = await registryText(box, tree)
  return text === undefined ? undefined : currentGrant(text, of)
}

/** Text of the registry in one tree of the branch; `undefined` when it has none. */
export async function registryText(box: Toolbox, tree: ObjectId): Promise<string | undefined> {
  const entry = await findEntry(box.objects, tree, REGISTRY_FILE)
  if (entry === undefined) return undefined
  try {
    return entry.mode.startsWith('100') ? await readText(box.objects, entry.oid) : NO_REGISTRY
  } catch (error) {
    // Whoever may push may put anything there: it authorizes nobody, and stops nobody.
    if (error instanceof IfBoardError && error.code === 'board/too-large') return NO_REGISTRY
    throw error
  }
}

/** A text that is none: everything about it is a finding. */
const NO_REGISTRY = ''
