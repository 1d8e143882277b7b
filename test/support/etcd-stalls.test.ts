import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type EtcdServer, startEtcd, whyNoEtcd } from './etcd.ts'
import { unlessStalled } from './etcd-stalls.ts'

const test = suite<{ server: EtcdServer }>('an etcd that stands still')
const noEtcd = whyNoEtcd()

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so none stands still`)
  test.skip('a real etcd that stands still', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('what failed beside it is tried again', async ({ server }) => {
    const seen: number[] = []
    await unlessStalled(server, async (tries) => {
      seen.push(tries)
      if (tries > 0) return
      await server.freeze()
      await sleep(1500)
      server.thaw()
      throw new Error('it was given up')
    })
    assert.equal(seen, [0, 1])
  })

  test('what fails although etcd answers fails', async ({ server }) => {
    const failed = await unlessStalled(server, async () => {
      throw new Error('wrong')
    }).catch((error: Error) => error.message)
    assert.is(failed, 'wrong')
  })
}

test.run()
