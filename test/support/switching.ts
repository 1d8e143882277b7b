/** Switches on a fleet with a real etcd, or with none that answers; stopped at any push or call. */
import type { SessionName } from '../../src/model/index.ts'
import type { FastLink, FastPath } from '../../src/ports/index.ts'
import { closeEtcd } from '../../src/workflows/fast/draining.ts'
import { type SwitchOutcome, switchMode } from '../../src/workflows/fast/switch.ts'
import { type SwitchTools, takeSwitchStep } from '../../src/workflows/fast/switch-step.ts'
import { NONCE, SWITCHER } from './fast-mode.ts'
import type { Clone } from './fleet.ts'

/** No etcd anywhere. */
export const nowhere: FastPath = { connect: async () => ({ kind: 'unreached', reason: 'nobody answers' }) }

export interface SwitchBy {
  readonly path?: FastPath
  readonly session?: SessionName
  readonly leaseMs?: number
  /** What others do while the switcher waits for the first time. */
  readonly meanwhile?: () => Promise<void>
}

export function switchTo(
  clone: Clone,
  to: 'git' | 'etcd',
  { path, session = SWITCHER, leaseMs = 15_000, meanwhile }: SwitchBy = {},
): Promise<SwitchOutcome> {
  const { clock } = clone.box
  let act = meanwhile
  const sleep = async (ms: number) => {
    const first = act
    act = undefined
    await first?.()
    await clock.sleep(ms)
  }
  const box = { ...clone.box, clock: { ...clock, sleep } }
  return switchMode(toolsOf({ ...clone, box }, path), { to, session, leaseMs })
}

export function toolsOf({ box }: Pick<Clone, 'box'>, path: FastPath | undefined): SwitchTools {
  return { box, path, about: () => '{}', closeWith: closeEtcd(box) }
}

/** A way up that is given up after its claims were carried: they go on in git under other values. */
export async function upAndGivenUp({ box }: Clone): Promise<void> {
  for (const to of ['etcd', 'etcd', 'etcd', 'git'] as const) {
    const switcher = { session: SWITCHER, nonce: NONCE, leaseMs: 15_000, to: () => to }
    await takeSwitchStep({ box, path: undefined, about: () => '' }, switcher)
  }
}

export class Stopped extends Error {}

/**
 * Counts what a switcher does that others can see: pushes, and calls that write to etcd. Stops it **before** the one
 * numbered `at`, or **after** it was carried out and before its answer was heard.
 */
export function stopAt(clone: Clone, path: FastPath, at: number, when: 'before' | 'after') {
  let count = 0
  const around = async <T>(act: () => Promise<T>): Promise<T> => {
    const isLast = count === at
    count += 1
    if (isLast && when === 'before') throw new Stopped()
    const answer = await act()
    if (isLast) throw new Stopped()
    return answer
  }
  const { refs } = clone.box
  const stopped: Clone = {
    ...clone,
    box: { ...clone.box, refs: { ...refs, moveAll: (moves, same) => around(() => refs.moveAll(moves, same)) } },
  }
  const watched: FastPath = {
    async connect(space) {
      const reached = await path.connect(space)
      return reached.kind === 'linked' ? { kind: 'linked', link: watchedLink(reached.link, around) } : reached
    },
  }
  return { clone: stopped, path: watched, acts: () => count }
}

type Around = <T>(act: () => Promise<T>) => Promise<T>

function watchedLink(link: FastLink, around: Around): FastLink {
  return {
    opening: {
      fill: (entries) => around(() => link.opening.fill(entries)),
      open: () => around(() => link.opening.open()),
    },
    claims: link.claims,
    projection: link.projection,
    list: () => link.list(),
    watch: (revision) => link.watch(revision),
    close: () => link.close(),
  }
}
