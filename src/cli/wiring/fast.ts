/** etcd for the commands that talk to it; a chunk of its own, since nobody else loads gRPC. */
import { etcdHealth } from '../../adapters/etcd/health.ts'
import { etcdFastPath } from '../../adapters/etcd/index.ts'
import { IfBoardError } from '../../model/index.ts'
import type { FastHealth, FastPath } from '../../ports/index.ts'
import { aboutTask } from '../../workflows/fast/about.ts'
import { closeEtcd } from '../../workflows/fast/draining.ts'
import type { SwitchTools } from '../../workflows/fast/switch-step.ts'
import type { Shell } from '../shell.ts'
import { fastSettings } from './fast-settings.ts'
import type { Opened } from './open.ts'

export interface FastTools {
  readonly path: FastPath
  readonly health: FastHealth
}

/** `undefined`: no endpoint is named. */
export async function fastTools(opened: Opened, shell: Shell): Promise<FastTools | undefined> {
  const settings = await fastSettings(opened, shell)
  return settings && { path: etcdFastPath(settings), health: etcdHealth(settings) }
}

/** For whoever takes steps of a switch: down to git needs no etcd. */
export async function switchTools(opened: Opened, shell: Shell): Promise<SwitchTools> {
  const path = (await fastTools(opened, shell))?.path
  return { box: opened.box, path, about: aboutTask, closeWith: closeEtcd(opened.box) }
}

/** @throws IfBoardError `fast/settings` */
export async function needFastTools(opened: Opened, shell: Shell): Promise<FastTools> {
  const tools = await fastTools(opened, shell)
  if (tools !== undefined) return tools
  throw new IfBoardError('fast/settings', 'no endpoint of etcd is named', {
    hint: 'Set IF_BOARD_ETCD_ENDPOINTS=https://etcd.example:2379, or `fast: {endpoints: […]}` in the configuration',
  })
}
