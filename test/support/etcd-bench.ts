/** A clone on a real etcd that decides, where nobody folds but the test. */
import type { EpochMs, SessionName } from '../../src/model/index.ts'
import type { FastListing } from '../../src/ports/index.ts'
import { FastEngine } from '../../src/workflows/fast/engine.ts'
import { engineTools, type GitSight } from '../../src/workflows/fast/engine-tools.ts'
import { type EtcdFold, foldEtcd } from '../../src/workflows/fast/fold-etcd.ts'
import { overEtcd } from '../../src/workflows/fast/store.ts'
import type { EtcdServer } from './etcd.ts'
import { onRealClock, ownBoard } from './etcd-fleet.ts'
import { armer } from './fast-holders.ts'
import { listed } from './fast-space.ts'
import { boardOf, type Clone, type Fleet, names } from './fleet.ts'
import { on } from './on-fleet.ts'
import { switchTo } from './switching.ts'

const folder = names(3)[2] as SessionName

export interface Bench {
  readonly fleet: Fleet
  /** From now on all that is said and folded is dated by so much later; etcd and its link go by the real clock. */
  readonly later: (ms: number) => void
  /** Its toolbox is over etcd. */
  readonly clone: Clone
  /** The same clone without etcd, or another one: it folds. */
  readonly plain: Clone
  readonly listing: () => Promise<FastListing>
  readonly look: () => Promise<GitSight>
  readonly fold: (listing?: FastListing, sight?: GitSight) => Promise<EtcdFold>
}

/** Etcd decides, is armed, and nobody folds but the test. */
export async function atBench(
  server: EtcdServer,
  ids: readonly string[],
  work: (bench: Bench) => Promise<void>,
  { leaseMs = 15_000, isApart = false }: { readonly leaseMs?: number; readonly isApart?: boolean } = {},
): Promise<void> {
  await on(
    { kind: isApart ? 'remote' : 'local', board: boardOf(...ids.map((id) => [id] as const)), config: ownBoard() },
    async (fleet, a, b) => {
      let aheadMs = 0
      const own = clockAhead(onRealClock(a as Clone), () => aheadMs)
      const plain = isApart ? clockAhead(onRealClock(b as Clone), () => aheadMs) : own
      const { mode } = await switchTo(plain, 'etcd', { path: server.path, leaseMs })
      const tools = engineTools(onRealClock(own).box, { path: server.path, speaker: folder })
      const engine = new FastEngine(tools)
      const stop = new AbortController()
      const running = engine.run(stop.signal)
      try {
        const arm = await armer(server.path, { board: plain.box.boardId, epoch: mode.epoch, nonce: mode.nonce })
        while (engine.seat === undefined) await plain.box.clock.sleep(20)
        await arm()
        const exclusively = <T>(_: SessionName, act: () => Promise<T>) => act()
        const clone = { ...own, box: overEtcd(own.box, { engine, exclusively, patienceMs: 10_000 }) }
        const listing = async () => listed(engine.seat?.link as NonNullable<typeof engine.seat>['link'])
        const look = () => engine.look()
        const fold = async (given?: FastListing, seen?: GitSight) => {
          const looked = seen ?? (await look())
          const sight = isApart
            ? await engineTools(plain.box, { path: server.path, speaker: folder }).readGit()
            : looked
          return foldEtcd(plain.box, { sight, listing: given ?? (await listing()), folder })
        }
        const later = (ms: number) => {
          aheadMs += ms
        }
        await work({ fleet, later, clone, plain, look, listing, fold })
      } finally {
        stop.abort()
        await running
      }
    },
  )
}

function clockAhead(clone: Clone, aheadMs: () => number): Clone {
  const { clock } = clone.box
  const now = () => {
    const { wallMs, ...rest } = clock.now()
    return { ...rest, wallMs: (wallMs + aheadMs()) as EpochMs }
  }
  return { ...clone, box: { ...clone.box, clock: { ...clock, now } } }
}

/** Tasks that a fold accepted, and why it refused others. */
export function words(fold: EtcdFold): string {
  if (fold.kind !== 'folded') return fold.kind
  const accepted = fold.judged.accept.map(({ task }) => `${task} accepted`)
  const refused = fold.judged.refuse.map(({ done: { task }, why }) => `${task} ${why}`)
  return [...accepted, ...refused, ...fold.waiting.map(({ task }) => `${task} waits`)].sort().join(', ')
}
