/** Is this inside the work tree, links followed? Looked at just before a program starts; later is bwrap's to hold. */
import { lstat, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { printable } from '../../model/index.ts'
import type { CommandRun } from '../../ports/index.ts'

export interface PlaceDenial {
  readonly rule: 'folder' | 'path'
  readonly reason: string
}

export async function placeProblem({
  folder,
  tree,
  paths,
}: Pick<CommandRun, 'folder' | 'tree' | 'paths'>): Promise<PlaceDenial | undefined> {
  const root = await realpath(tree.root)
  const here = await realpath(folder).catch(() => undefined)
  if (here === undefined || !isInside(root, here) || isGit(root, here) || !(await stat(here)).isDirectory())
    return { rule: 'folder', reason: `\`${printable(folder, 200)}\` is no folder inside the work tree` }
  for (const path of paths) {
    const end = await realEnd(join(here, path))
    if (!isInside(root, end) || isGit(root, end))
      return { rule: 'path', reason: `\`${printable(path, 200)}\` leads to \`${printable(end, 200)}\`` }
  }
  return undefined
}

/** Both absolute and without links. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`))
}

function isGit(root: string, path: string): boolean {
  return relative(root, path).split(sep)[0]?.toLowerCase() === '.git'
}

/** Where a path leads: of what is not there yet, where its folder leads. */
async function realEnd(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const folder = dirname(path)
    // A link to what is not there, or a circle of links: it may be made at any moment, so it counts as leading away.
    if (folder === path || (await isThere(path))) return `${sep}?`
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return `${sep}?`
    return join(await realEnd(folder), path.slice(folder.length))
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
