/** Names of coordination refs, and git's list of them as a map. */
import { isObjectId, isRefName, type ObjectId, type RefName } from '../../model/index.ts'

/** Everything that is coordination, in either way of naming (design: custom refs, or all below heads). */
const PREFIXES = ['refs/heads/if-board/', 'refs/if-board/'] as const
const NOTES_REF = 'refs/notes/if-witness'

function isCoordinationRef(name: string): name is RefName {
  return (name === NOTES_REF || PREFIXES.some((prefix) => name.startsWith(prefix))) && isRefName(name)
}

/** Patterns for for-each-ref below a root such as `refs` or `refs/view`. */
export function refPatterns(root: string): string[] {
  return [...PREFIXES, NOTES_REF].map((name) => name.replace(/^refs/, root).replace(/\/$/, ''))
}

/**
 * Lines of `<oid> <ref>` (for-each-ref) or `<oid>\t<ref>` (ls-remote). Names that a server made up
 * and git itself would not accept are left out.
 */
export function parseRefs(text: string, root = 'refs'): Map<RefName, ObjectId> {
  const refs = new Map<RefName, ObjectId>()
  for (const line of text.split('\n')) {
    const [oid, found] = line.split(/[ \t]/)
    if (oid === undefined || found === undefined || !found.startsWith(`${root}/`)) continue
    const name = `refs${found.slice(root.length)}`
    if (isObjectId(oid) && isCoordinationRef(name)) refs.set(name, oid)
  }
  return refs
}
