/** One move of a session's chain at a time, among all processes of this clone. */
import { dirname, join } from 'node:path'
import type { Hub } from '../../adapters/git/index.ts'
import { waitForFileLock } from '../../adapters/process/file-lock.ts'
import { IfBoardError, refKey, type SessionName, type Sha256 } from '../../model/index.ts'

type Exclusively = <T>(session: SessionName, work: () => Promise<T>) => Promise<T>

const PATIENCE_MS = 20_000

export function sessionLocks(hub: Hub, sha256: Sha256): Exclusively {
  const folder = join(dirname(hub.path), 'said')
  const queues = new Map<SessionName, Promise<unknown>>()
  return (session, work) => {
    const locked = () => underLock(folder, refKey(session, sha256), work)
    const next = (queues.get(session) ?? Promise.resolve()).then(locked, locked)
    queues.set(session, next)
    return next
  }
}

async function underLock<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  const lock = await waitForFileLock(join(folder, `${name}.lock`), PATIENCE_MS)
  if (lock === undefined)
    throw new IfBoardError('authority/busy', 'another process of this session has been asking etcd for too long', {
      hint: 'Ask again in a moment: if-board next',
    })
  return work().finally(() => lock.release())
}
