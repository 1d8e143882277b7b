import { type Clone, type Fleet, type FleetKind, type FleetRequest, fleet } from './fleet.ts'

/** One fleet, some clones, closed whatever happens. */
export async function on(
  request: FleetRequest | string,
  work: (fleet: Fleet, ...clones: Clone[]) => Promise<void>,
  kind: FleetKind = 'memory',
): Promise<void> {
  const one = await fleet(typeof request === 'string' ? { kind, board: request } : request)
  try {
    const clones = await Promise.all(Array.from({ length: work.length - 1 }, () => one.clone()))
    await work(one, ...clones)
  } finally {
    await one.close()
  }
}
