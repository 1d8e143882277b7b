/**
 * Watches files through the events of the operating system, by chokidar.
 *
 * Git writes a ref beside its place, as `<ref>.lock`, and renames it: locks are not looked at, so that
 * a command that only verified refs wakes nobody.
 */
import { dirname, sep } from 'node:path'
import { watch as watchFiles } from 'chokidar'
import type { Watch } from '../../ports/index.ts'
import { bell } from './bell.ts'

/** A folder that cannot be read in time must not hold up whoever only waits. */
const READY_MS = 2_000

/** Somebody may know of a change that no file shows. */
export interface RingableWatch extends Watch {
  ring(): void
}

/** Absolute paths of files or folders, which need not be there yet; their changes from now on are told. */
export async function chokidarWatch(paths: readonly string[], stop?: AbortSignal): Promise<RingableWatch> {
  const { ring, changed, close } = bell(stop)
  const folders = [...new Set(paths.map((path) => dirname(path)))]
  const files = watchFiles(folders, { ignoreInitial: true, atomic: false, ignored: isOther(paths, folders) })
  files.on('all', ring)
  // Out of watches, or a folder that went away: from then on timeouts do the work.
  files.on('error', () => undefined)
  await ready(files)
  return {
    changed,
    ring,
    async close() {
      close()
      await files.close()
    },
  }
}

/**
 * The folder around each path is watched, and nothing else in it: given a path that is not there, the
 * library says that it is ready before it is.
 */
function isOther(paths: readonly string[], folders: readonly string[]): (path: string) => boolean {
  const isOurs = (path: string) =>
    folders.includes(path) || paths.some((own) => path === own || path.startsWith(`${own}${sep}`))
  return (path) => path.endsWith('.lock') || !isOurs(path)
}

function ready(files: ReturnType<typeof watchFiles>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, READY_MS)
    files.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
