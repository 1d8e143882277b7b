/** What only a command that stays for long is given; loaded by these alone. */
import { join } from 'node:path'
import { chokidarWatch } from '../../adapters/chokidar/index.ts'
import { isomorphicObjectStore } from '../../adapters/isomorphic/index.ts'
import type { Watch } from '../../ports/index.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import type { Opened } from './open.ts'

/**
 * Tells when refs of the hub moved: of a local authority all there are, of a remote the view that
 * some process of this clone fetched, for a hub keeps nothing else of a remote below `refs`.
 */
export function watchRefs({ hub }: Opened, stop: AbortSignal): Promise<Watch> {
  return chokidarWatch([join(hub.path, 'refs'), join(hub.path, 'packed-refs')], stop)
}

/** The same boards, read without a git process that stays open; only git itself knows SHA-256. */
export function longLived({ box, hub, repository }: Opened): Toolbox {
  return repository.objectFormat === 'sha1' ? { ...box, objects: isomorphicObjectStore(hub.path) } : box
}
