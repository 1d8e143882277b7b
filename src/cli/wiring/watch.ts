/** What only a command that stays for long is given; loaded by these alone. */
import { dirname, join } from 'node:path'
import { chokidarWatch } from '../../adapters/chokidar/index.ts'
import { seenRefStore } from '../../adapters/git/index.ts'
import { isomorphicObjectStore } from '../../adapters/isomorphic/index.ts'
import type { SessionName } from '../../model/index.ts'
import type { Watch } from '../../ports/index.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import { type Glance, glancer } from '../../workflows/watch/glance.ts'
import { BELL } from '../../workflows/watch/presence.ts'
import type { Opened } from './open.ts'

/**
 * Tells when refs of the hub moved: of a local authority all there are, of a remote the view that
 * some process of this clone fetched, for a hub keeps nothing else of a remote below `refs`.
 */
export function watchRefs({ hub }: Opened, stop: AbortSignal): Promise<Watch> {
  return chokidarWatch([join(hub.path, 'refs'), join(hub.path, 'packed-refs')], stop)
}

/** Tells when the watcher of this clone saw something move that may make a task ready. */
export function watchBell({ hub }: Opened, stop: AbortSignal): Promise<Watch> {
  return chokidarWatch([join(dirname(hub.path), 'memory', BELL)], stop)
}

/** What a watcher of this clone fetched, for a session that waits. */
export function glances({ box, hub }: Opened, session: SessionName): () => Promise<Glance> {
  return glancer(box, { session, seen: seenRefStore(hub) })
}

/** The same boards, read without a git process that stays open; only git itself knows SHA-256. */
export function longLived({ box, hub, repository }: Opened): Toolbox {
  return repository.objectFormat === 'sha1' ? { ...box, objects: isomorphicObjectStore(hub.path) } : box
}
