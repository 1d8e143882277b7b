/** The etcd of the simulation keeps the contract too: what is shown on it is shown on what the port promises. */
import { setTimeout as delay } from 'node:timers/promises'
import { Etcd } from '../fast/simulated/etcd.ts'
import { World } from '../fast/simulated/world.ts'
import { fastPathContract } from './fast-path.contract.ts'

/** Real time, and nothing goes wrong by itself. */
class CalmWorld extends World {
  constructor() {
    super(1)
    Object.defineProperty(this, 'now', { get: () => performance.now() })
    Object.defineProperty(this, 'chance', { value: { upTo: () => 0, oneIn: () => false } })
  }

  override async sleep(_machine: unknown, ms: number): Promise<void> {
    if (ms > 0) await delay(ms)
  }

  override later(ms: number, run: () => void): void {
    if (ms > 0) setTimeout(run, ms)
    else queueMicrotask(run)
  }

  override hopMs(): number {
    return 0
  }
}

fastPathContract('simulated', async () => {
  const world = new CalmWorld()
  const etcd = new Etcd(world, { comparesEpoch: true, createsOnly: true, keepsHistory: true })
  return {
    path: etcd.pathFor(world.machine('client')),
    write: async (space, name) => etcd.write(space, name),
    compact: async () => etcd.compact(),
    cut: async () => etcd.start(etcd.stop()),
    close: async () => undefined,
  }
})
