import { test } from 'uvu'
import { startEtcd, whyNoEtcd } from '../support/etcd.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'
import { type FastWorld, fastPathContract } from './fast-path.contract.ts'

const noEtcd = whyNoEtcd()

/** Reached through a proxy, whose connections can be cut. */
async function etcdWorld(): Promise<FastWorld> {
  const server = await startEtcd()
  const proxy = await tcpProxy(server.address)
  return {
    path: server.pathWith({ endpoints: [{ address: proxy.address, isSecure: false }] }),
    write: async ({ board, epoch }, name, value) =>
      void (await server.ctl('put', `/ifb/${board}/${epoch}/${name}`, '--', value)),
    compact: async () => {
      const [{ Status }] = JSON.parse(await server.ctl('endpoint', 'status', '--write-out=json'))
      await server.ctl('compaction', String(Status.header.revision))
    },
    cut: () => proxy.cut(),
    close: async () => {
      await proxy.close()
      await server.close()
    },
  }
}

if (noEtcd === undefined) fastPathContract('etcd', etcdWorld)
else {
  console.log(`skip: ${noEtcd}, so the contract is not held against a real server`)
  test.skip('FastPath: etcd', () => undefined)
  test.run()
}
