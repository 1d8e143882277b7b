/** Where bubblewrap lies: bwrap(1). Linux may forbid namespaces to users, and a container to anybody: only a try tells. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** `undefined`: not here. Whoever starts it gives it no search path. */
export function findBwrap(searchPath: string | undefined): string | undefined {
  return process.platform === 'linux' ? findOnPath('bwrap', searchPath) : undefined
}

/** The first of this name along the absolute folders of a search path. */
export function findOnPath(name: string, searchPath: string | undefined): string | undefined {
  const folders = (searchPath ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
