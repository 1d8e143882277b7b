/** Names of coordination refs, and git's list of them as a map. */
import { type BranchName, branchRef, isObjectId, isRefName, type ObjectId, type RefName } from '../../model/index.ts'

/** Everything that is coordination, in either way of naming (design: custom refs, or all below heads). */
const PREFIXES = ['refs/heads/if-board/', 'refs/if-board/'] as const
const NOTES_REF = 'refs/notes/if-witness'

/** Whose refs: the one that may have any name is the branch of the boards. */
export interface Branched {
  readonly branch?: BranchName | undefined
}

function isCoordinationRef(name: string, { branch }: Branched): name is RefName {
  const known = name === NOTES_REF || name === branchRef(branch) || PREFIXES.some((prefix) => name.startsWith(prefix))
  return known && isRefName(name)
}

/** Patterns for for-each-ref below a root such as `refs` or `refs/view`. */
export function refPatterns(root: string, { branch }: Branched): string[] {
  const names = new Set([...PREFIXES, branchRef(branch), NOTES_REF])
  return [...names].map((name) => name.replace(/^refs/, root).replace(/\/$/, ''))
}

/** Patterns for ls-remote. */
export function remotePatterns({ branch }: Branched): string[] {
  return [...PREFIXES.map((prefix) => `${prefix}*`), branchRef(branch), NOTES_REF]
}

/**
 * What is fetched, below `view`. Each is a glob, because a fetch fails when a ref without one is absent
 * at the remote; the star before a branch's last letter finds hardly any other, and those are not listed.
 */
export function fetchRefspecs(view: string, { branch }: Branched): string[] {
  const globs = ['heads/if-board/*', 'if-board/*', 'notes/if-witness*']
  const board = branchRef(branch)
  const starred = board.startsWith(PREFIXES[0]) ? [] : [board.slice('refs/'.length).replace(/.$/u, '*$&')]
  return [...globs, ...starred].map((name) => `+refs/${name}:${view}/${name}`)
}

/** Branches that cannot be beside this one: each of its folders, and all below it. */
export function rivalPatterns(branch: BranchName): string[] {
  const parts = branchRef(branch).split('/')
  const folders = parts.slice(2, -1).map((_, at) => parts.slice(0, at + 3).join('/'))
  return [...folders, `${branchRef(branch)}/*`]
}

/** The first of these refs that makes the branch impossible, by its short name. */
export function rivalIn(names: Iterable<string>, branch: BranchName): string | undefined {
  const own = branchRef(branch)
  const rival = [...names].find((name) => name.startsWith(`${own}/`) || own.startsWith(`${name}/`))
  return rival?.slice('refs/heads/'.length)
}

/**
 * Lines of `<oid> <ref>` (for-each-ref) or `<oid>\t<ref>` (ls-remote). Names that a server made up
 * and git itself would not accept are left out.
 */
export function parseRefs(text: string, hub: Branched, root = 'refs'): Map<RefName, ObjectId> {
  const refs = new Map<RefName, ObjectId>()
  for (const line of text.split('\n')) {
    const [oid, found] = line.split(/[ \t]/)
    if (oid === undefined || found === undefined || !found.startsWith(`${root}/`)) continue
    const name = `refs${found.slice(root.length)}`
    if (isObjectId(oid) && isCoordinationRef(name, hub)) refs.set(name, oid)
  }
  return refs
}
