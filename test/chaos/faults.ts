/** What is done to a world, each for a while and then undone; by which moment is up to chance. */
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from '../support/cli.ts'
import type { Station, World } from './world.ts'

export interface Scene {
  readonly world: World
  /** From 0 to 1. */
  readonly random: () => number
  /** Etcd lost what it had acknowledged. */
  readonly forgot: () => void
}

type Fault = (scene: Scene) => Promise<void>

const pick = <T>({ random }: Scene, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
const someStation = (scene: Scene): Station => pick(scene, scene.world.stations)
/** Longer than anybody may believe. */
const beyond = ({ world: { leaseMs }, random }: Scene) => leaseMs * (1.3 + random() * 1.2)
const within = ({ world: { leaseMs }, random }: Scene) => leaseMs * random() * 0.8

const faults: Readonly<Record<string, Fault>> = {
  async 'a station is killed'(scene) {
    const station = someStation(scene)
    await station.kill()
    await sleep(pick(scene, [within, beyond])(scene))
    station.start()
  },
  async 'a station stands still beyond the lease'(scene) {
    const station = someStation(scene)
    station.freeze()
    await sleep(beyond(scene))
    station.thaw()
  },
  async 'the watcher of the commands is killed'({ world, random }) {
    await world.watcher().kill()
    await sleep(random() * world.leaseMs)
    world.startWatcher()
  },
  async 'the watcher of the commands stands still'(scene) {
    const { pid } = scene.world.watcher()
    process.kill(-pid, 'SIGSTOP')
    await sleep(beyond(scene))
    process.kill(-pid, 'SIGCONT')
  },
  async 'etcd is killed'(scene) {
    await scene.world.etcd.kill()
    await sleep(pick(scene, [within, beyond])(scene))
    await scene.world.etcd.start()
  },
  async 'etcd stands still'(scene) {
    await scene.world.etcd.freeze()
    await sleep(beyond(scene))
    scene.world.etcd.thaw()
  },
  async 'etcd is wiped'({ world, forgot }) {
    forgot()
    await world.etcd.wipe()
  },
  async 'etcd is put back to an old state'(scene) {
    const { world, random, forgot } = scene
    const snapshot = await world.etcd.snapshot(`${random()}.db`)
    await sleep(beyond(scene))
    forgot()
    await world.etcd.restore(snapshot)
  },
  async 'one clone does not reach etcd'(scene) {
    const { proxy } = someStation(scene)
    proxy.lose = { toServer: scene.random() < 0.5, toClient: true }
    await sleep(pick(scene, [within, beyond])(scene))
    await proxy.cut()
    proxy.lose = { toServer: false, toClient: false }
  },
  async 'the git server is killed'(scene) {
    await scene.world.remote.kill()
    await sleep(pick(scene, [within, beyond])(scene))
    await scene.world.remote.start()
  },
  async 'the git server stands still'(scene) {
    scene.world.remote.freeze()
    await sleep(pick(scene, [within, beyond])(scene))
    scene.world.remote.thaw()
  },
  async 'the repository is away'(scene) {
    await scene.world.remote.hide()
    await sleep(pick(scene, [within, beyond])(scene))
    await scene.world.remote.show()
  },
  async 'a way down is killed'(scene) {
    await killed(scene, ['fast', 'down'], 2 * scene.world.leaseMs)
  },
  async 'the git server is killed during the way down'(scene) {
    const down = start(scene.world.at('switcher'), 'fast', 'down')
    await sleep(scene.random() * 1.5 * scene.world.leaseMs)
    await scene.world.remote.kill()
    await sleep(within(scene))
    await scene.world.remote.start()
    await down.finished
  },
  async 'a station stands still while claims go back to git'(scene) {
    const station = someStation(scene)
    station.freeze()
    await start(scene.world.at('switcher'), 'fast', 'down').finished
    await sleep(within(scene))
    station.thaw()
  },
  async 'a way up is killed'(scene) {
    await start(scene.world.at('switcher'), 'fast', 'down').finished
    await killed(scene, fastUp(scene.world), 1500)
  },
  async 'the git server is killed during the way up'(scene) {
    await start(scene.world.at('switcher'), 'fast', 'down').finished
    const up = start(scene.world.at('switcher'), ...fastUp(scene.world))
    await sleep(scene.random() * 1500)
    await scene.world.remote.kill()
    await sleep(within(scene))
    await scene.world.remote.start()
    await up.finished
  },
}

export const FAULTS: ReadonlyMap<string, Fault> = new Map(Object.entries(faults))

/** In an order of chance (Fisher and Yates). */
export function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const left = [...all]
  return all.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as T)
}

export function fastUp({ leaseMs }: Pick<World, 'leaseMs'>): string[] {
  return ['fast', 'up', '--lease', String(leaseMs / 1000)]
}

async function killed({ world, random }: Scene, words: readonly string[], withinMs: number): Promise<void> {
  const running = start(world.at('switcher'), ...words)
  await Promise.race([sleep(random() * withinMs), running.finished])
  running.kill()
  await running.finished
}
