/** Mode records for tests: put where a switch would have left them, or moved while somebody is at work. */
import * as assert from 'uvu/assert'
import { backToGit, drain, GIT_ALONE, goFast, goUp, type ModeRecord, withManifest } from '../../src/fast/index.ts'
import { toSessionName } from '../../src/model/index.ts'
import { moveMode } from '../../src/workflows/fast/move-mode.ts'
import { read } from '../../src/workflows/read.ts'
import type { Clone } from './fleet.ts'

export const SWITCHER = toSessionName('switcher')
export const NONCE = 'ab'.repeat(16)

const switching = goUp(GIT_ALONE, { nonce: NONCE, leaseMs: 15_000 })
const etcd = goFast(withManifest(switching, []))
/** One record of each mode, as a whole turn makes them. */
export const MODES = { switching, etcd, draining: drain(etcd), back: backToGit(drain(etcd)) } as const

/** Moves the mode as a switcher does; `clone` should not be the one under test, whose pushes may be watched. */
export async function putMode({ box }: Clone, to: ModeRecord): Promise<void> {
  const reading = await read(box)
  assert.equal(await moveMode(box, reading, { session: SWITCHER, to }), { kind: 'moved' })
}

/** At this clone's next push, before it arrives: the mode moves. */
export function modeUnderPush(clone: Clone, by: Clone, to: ModeRecord): void {
  clone.traffic.beforePush = async () => {
    clone.traffic.beforePush = undefined
    await putMode(by, to)
    return undefined
  }
}
