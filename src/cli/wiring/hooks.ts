/** What hooks are given besides an opened board: a lock of the tool's session, and the mark of its use. */
import { dirname, join } from 'node:path'
import { fileUseMark } from '../../adapters/fs/use-mark.ts'
import { discoverRepository } from '../../adapters/git/index.ts'
import { waitForFileLock } from '../../adapters/process/file-lock.ts'
import { sha256OfText } from '../../adapters/process/hashes.ts'
import type { UseMark } from '../../ports/index.ts'
import type { Shell } from '../shell.ts'
import type { Opened } from './open.ts'

export { sha256OfText }

/** Found by the files around the current directory; in the usual layouts no process is started. */
export async function useMarkOf({ cwd, environment }: Shell, key: string): Promise<UseMark> {
  const { gitDir } = await discoverRepository(cwd, environment)
  return fileUseMark(join(gitDir, 'if-board', 'uses', key))
}

/** One hook of a tool's session after the other. `undefined`: another one takes too long. */
export async function oneAtATime<T>(
  { hub }: Opened,
  { key, patienceMs }: { readonly key: string; readonly patienceMs: number },
  work: () => Promise<T>,
): Promise<T | undefined> {
  const path = join(dirname(hub.path), 'memory', 'hooks', `${key}.lock`)
  const lock = await waitForFileLock(path, patienceMs)
  return lock === undefined ? undefined : work().finally(() => lock.release())
}
