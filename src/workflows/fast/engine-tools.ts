/** What an engine and a projector need of git, by the ports of one clone. */
import type { Moment } from '../../claim/index.ts'
import type { ModeRecord } from '../../fast/index.ts'
import type { ObjectId, RefName, SessionName } from '../../model/index.ts'
import type { Chance, Clock, FastPath } from '../../ports/index.ts'
import { needMode } from '../mode.ts'
import { listWhole, read } from '../read.ts'
import { speakerOf } from '../speaker.ts'
import type { Toolbox } from '../toolbox.ts'
import { moveMode } from './move-mode.ts'

/** git as it was seen by one question that was sent at `sent`. */
export interface GitSight {
  readonly refs: ReadonlyMap<RefName, ObjectId>
  readonly record: ModeRecord
  readonly sent: Moment
}

export interface EngineTools {
  readonly path: FastPath
  readonly clock: Clock
  readonly chance: Chance
  readonly boardId: string
  /** Rejects where git does not answer. */
  readonly readGit: () => Promise<GitSight>
  /** One compare-and-set of the mode, from what was seen. */
  readonly moveMode: (seen: GitSight, to: ModeRecord) => Promise<unknown>
  /** Of a process that does not stay, in seconds: nobody renews it. Default: the mode's, and renewed. */
  readonly leaseSeconds?: number
}

export interface EngineRequest {
  readonly path: FastPath
  /** In whose name the mode is moved where etcd turns out to be another server. */
  readonly speaker: SessionName
  /** Of a process that does not stay; see `EngineTools`. */
  readonly leaseSeconds?: number
}

export function engineTools(box: Toolbox, { path, speaker, leaseSeconds }: EngineRequest): EngineTools {
  const { clock, chance, boardId, layout } = box
  let last: GitSight | undefined
  return {
    ...{ path, clock, chance, boardId },
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    async readGit(): Promise<GitSight> {
      const sent = clock.now()
      // Most boards stay in git for good, and a look costs less than making all readable.
      const isSame =
        last?.record.mode === 'git' && (await box.refs.peek()).get(layout.mode) === last.refs.get(layout.mode)
      if (last !== undefined && isSame) return { ...last, sent }
      const { refs } = await listWhole(box)
      last = { refs, record: await needMode(box, refs), sent }
      return last
    },
    async moveMode(seen: GitSight, to: ModeRecord) {
      const reading = await read(box)
      // Somebody else has found out too, or who decides was changed by hand.
      if (reading.refs.get(layout.mode) !== seen.refs.get(layout.mode)) return
      await moveMode(box, reading, { session: await speakerOf(box, reading, speaker), to })
    },
  }
}
