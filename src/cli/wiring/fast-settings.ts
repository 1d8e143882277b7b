/** Where etcd is, without loading what talks to it. */
import { dirname, join } from 'node:path'
import type { EtcdSettings } from '../../adapters/etcd/connection.ts'
import { etcdSettings } from '../../adapters/etcd/settings.ts'
import { readBranchConfig } from '../../workflows/init-branch.ts'
import type { Shell } from '../shell.ts'
import type { Opened } from './open.ts'

/**
 * `undefined`: no endpoint is named in the environment, a file or the boards' configuration.
 *
 * @throws IfBoardError `fast/settings`
 */
export async function fastSettings(
  { box, hub }: Pick<Opened, 'box' | 'hub'>,
  { environment }: Pick<Shell, 'environment'>,
): Promise<EtcdSettings | undefined> {
  const head = (await box.refs.list()).get(box.layout.board)
  const config = head === undefined ? undefined : await readBranchConfig(box.objects, head)
  const file = join(dirname(hub.path), 'etcd.json')
  return etcdSettings({ environment, file, endpoints: config?.fastEndpoints ?? [] })
}
