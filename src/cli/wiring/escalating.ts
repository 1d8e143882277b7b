/** Claims to etcd and back by themselves, for a watcher; what talks to etcd is loaded for a change alone. */
import type { SessionName } from '../../model/index.ts'
import { Escalator, type EscalatorTurn } from '../../workflows/fast/escalate.ts'
import type { WholeReading } from '../../workflows/read.ts'
import type { Shell } from '../shell.ts'
import type { EtcdWatch } from './etcd-watcher.ts'
import type { Opened } from './open.ts'
import { unlessUnusable } from './without-etcd.ts'

export interface EscalatingRequest {
  readonly session: SessionName
  /** `undefined`: no endpoint is named that can be used. */
  readonly etcd: EtcdWatch | undefined
}

export function escalating(
  opened: Opened,
  shell: Shell,
  { session, etcd }: EscalatingRequest,
): (reading: WholeReading) => Promise<EscalatorTurn> {
  const load = () => import('./fast.ts')
  const escalator = new Escalator({
    box: opened.box,
    session,
    knowsEtcd: etcd !== undefined,
    heard: () => etcd?.heard(),
    switchTools: async () => (await load()).switchTools(opened, shell).catch(unlessUnusable(opened, shell)),
    health: async () => (await (await load()).needFastTools(opened, shell)).health,
  })
  return (reading) => escalator.turn(reading)
}
