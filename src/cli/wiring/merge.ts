/** What the merge driver is given: git's own merge of lines. */
import { resolve } from 'node:path'
import { gitTextMerge, mergeInPlace } from '../../adapters/git/merge-file.ts'
import type { TextMerge } from '../../ports/index.ts'
import type { Shell } from '../shell.ts'

export function lineMerge({ environment }: Shell): TextMerge {
  return gitTextMerge(environment)
}

/** `true`: no conflict is left in `ours`. */
export function mergeFilesInPlace(
  { cwd, environment }: Shell,
  { base, ours, theirs }: { readonly base: string; readonly ours: string; readonly theirs: string },
): Promise<boolean> {
  const files = { base: resolve(cwd, base), ours: resolve(cwd, ours), theirs: resolve(cwd, theirs) }
  return mergeInPlace(environment, files)
}
