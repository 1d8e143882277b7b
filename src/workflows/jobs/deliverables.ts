/** Which paths a deliverable names. Pure. */
import { pathProblem } from '../../model/safe-path.ts'

const MAX_PATHS = 20

/**
 * Words of a deliverable that look like a path below the root: with a `/` in it, or with an ending such as `.md`. Others
 * (`tests`, an address, a version) are words, and words are not looked for in a commit. A `/` at the end is a folder's.
 */
export function deliveredPaths(deliverable: string | undefined): string[] {
  const words = (deliverable ?? '').slice(0, 2000).split(/[,;\s]+/)
  const paths = words.filter(looksLikePath).map((word) => word.replace(/^\.\//, '').replace(/\/+$/, ''))
  return [...new Set(paths)].filter((path) => pathProblem(path) === undefined).slice(0, MAX_PATHS)
}

function looksLikePath(word: string): boolean {
  if (word.length > 500 || word.includes('://')) return false
  return /^[\w@.~+-]+(?:\/[\w@.~+-]+)*\/?$/.test(word) && (word.includes('/') || /\w\.[a-z]\w{0,9}$/i.test(word))
}
