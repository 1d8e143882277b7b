/** How the adapter reaches a real etcd, and what it makes of one that does not answer. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../src/adapters/etcd/connection.ts'
import { IfBoardError } from '../../../src/model/index.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { eventually } from '../../support/etcd-fleet.ts'
import { claimed, claimOf, leaseOf, linkTo, listed, newSpace, openSpace, task } from '../../support/fast-space.ts'
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts'

const test = suite<{ server: EtcdServer; proxy: TcpProxy }>('reaching etcd')
const noEtcd = whyNoEtcd()

test('only what etcd itself says is a refusal; the same status from elsewhere is not known', () => {
  const refusal = { code: status.RESOURCE_EXHAUSTED, details: 'etcdserver: mvcc: database space exceeded' }
  assert.is(failureOf(refusal).kind, 'refused')
  assert.is(failureOf({ ...refusal, details: 'Received message larger than max (5 vs. 4)' }).kind, 'unknown')
  assert.is(failureOf({ code: status.UNAVAILABLE, details: 'etcdserver: request timed out' }).kind, 'unknown')
  assert.is(failureOf({ code: status.PERMISSION_DENIED, details: 'a proxy says no' }).kind, 'unknown')
})

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    (value) => `no error: ${JSON.stringify(value)}`,
    (thrown) => thrown,
  )
  return error instanceof IfBoardError ? error.code : String(error)
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no real server is reached`)
  test.skip('a real server', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
    context.proxy = await tcpProxy(context.server.address)
  })
  test.after(async ({ server, proxy }) => {
    await proxy.close()
    await server.close()
  })

  test('an endpoint that is gone is passed over; where all are gone, each one says why', async ({ server }) => {
    const gone = { address: '127.0.0.1:1', isSecure: false }
    const link = await linkTo(
      server.pathWith({ endpoints: [gone, { address: server.address, isSecure: false }] }),
      newSpace(),
    )
    assert.is((await listed(link)).ready.size, 0)
    await link.close()
    const unreached = await server.pathWith({ endpoints: [gone, gone] }).connect(newSpace())
    assert.is(unreached.kind, 'unreached')
    assert.match((unreached as { reason: string }).reason, /^127\.0\.0\.1:1: .*ECONNREFUSED.*; 127\.0\.0\.1:1: /)
  })

  test('a call whose answer was lost is unknown, although it happened', async ({ server, proxy }) => {
    const space = newSpace()
    const steady = await linkTo(server.patient, space)
    await openSpace(steady, ['T1'])
    const lease = await leaseOf(steady)
    const endpoints = [{ address: proxy.address, isSecure: false }]
    const link = await linkTo(server.pathWith({ endpoints, callMs: 400 }), space)
    proxy.lose = { toServer: false, toClient: true }
    const claim = claimOf('ada')
    const answer = await link.claims.claim(lease, [{ task: task('T1'), claim }])
    assert.is(answer.kind, 'unknown')
    const happened = async () => (await listed(steady)).claims.get(task('T1'))?.claim.nonce === claim.nonce
    assert.ok(await eventually(happened, 60_000))
    await steady.close()
    await proxy.cut()
    proxy.lose = { toServer: false, toClient: false }
    await sleep(100)
    assert.is((await link.claims.claim(lease, [{ task: task('T1'), claim }])).kind, 'broken')
    const again = await linkTo(server.pathWith({ endpoints }), space)
    assert.is((await listed(again)).claims.get(task('T1'))?.claim.nonce, claim.nonce)
    await again.close()
  })

  test('a late answer to a renewal is not taken for the answer to the next one', async ({ server, proxy }) => {
    const space = newSpace()
    const steady = await linkTo(server.patient, space)
    await openSpace(steady, [])
    const lease = await leaseOf(steady)
    await steady.close()
    const endpoints = [{ address: proxy.address, isSecure: false }]
    const link = await linkTo(server.pathWith({ endpoints, callMs: 1500 }), space)
    const isKept = async () => {
      const { kind } = await link.claims.keepAlive(lease, [])
      // Where etcd is busy this is an honest answer.
      if (kind !== 'unknown') assert.is(kind, 'kept')
      return kind === 'kept'
    }
    assert.ok(await eventually(isKept, 10_000))
    // One way takes 1 s: no renewal is answered in time, and the first answer comes while the second one waits.
    proxy.delayMs = 1000
    const first = link.claims.keepAlive(lease, [])
    await sleep(1550)
    const second = link.claims.keepAlive(lease, [])
    assert.equal([(await first).kind, (await second).kind], ['unknown', 'unknown'])
    proxy.delayMs = 0
    await sleep(2500)
    assert.ok(await eventually(isKept, 10_000))
    await link.close()
  })

  test('a server that is stopped answers nothing in time, and goes on where it was', async ({ server }) => {
    const space = newSpace()
    const steady = await linkTo(server.patient, space)
    await openSpace(steady, ['T1'])
    const lease = await leaseOf(steady)
    await steady.close()
    const link = await linkTo(server.pathWith({ callMs: 300 }), space)
    await server.freeze()
    const claim = claimOf('ada')
    const answer = await link.claims.claim(lease, [{ task: task('T1'), claim }])
    const unreached = await server.pathWith({ callMs: 300, connectMs: 300 }).connect(space)
    server.thaw()
    assert.equal([answer.kind, unreached.kind], ['unknown', 'unreached'])
    // Both ends of it are possible: what counts is that only a look can tell.
    assert.ok(await eventually(async () => (await link.list()).kind === 'listed', 60_000), 'the link lasts')
    await link.close()
    const fresh = await linkTo(server.patient, space)
    const held = (await listed(fresh)).claims.get(task('T1'))
    assert.ok(held === undefined || held.claim.nonce === claim.nonce)
    await fresh.close()
  })

  test('a lease that the server does not know ends the link', async ({ server }) => {
    const link = await linkTo(server.path, newSpace())
    await openSpace(link, ['T1'])
    const lease = await leaseOf(link)
    await server.ctl('lease', 'revoke', BigInt(lease).toString(16))
    assert.is((await link.claims.claim(lease, [{ task: task('T1'), claim: claimOf('ada') }])).kind, 'broken')
    assert.is((await link.list()).kind, 'broken')
  })

  test('with users in etcd: the right one works, and who is wrong, nobody or not allowed is told', async () => {
    const server = await startEtcd()
    try {
      await server.ctl('user', 'add', 'root:r')
      await server.ctl('user', 'grant-role', 'root', 'root')
      await server.ctl('user', 'add', 'board:secret')
      await server.ctl('user', 'add', 'guest:g')
      await server.ctl('role', 'add', 'board')
      await server.ctl('role', 'grant-permission', 'board', '--prefix=true', 'readwrite', '/ifb/')
      await server.ctl('user', 'grant-role', 'board', 'board')
      await server.ctl('auth', 'enable')
      const as = (name: string, password: string) => server.pathWith({ user: { name, password } })
      const link = await linkTo(as('board', 'secret'), newSpace())
      await openSpace(link, ['T1'])
      await claimed(link, await leaseOf(link), 'T1')
      // Every change of users makes tokens of before too old: the call is refused, and asked under a new token.
      await server.ctl('--user=root:r', 'user', 'add', 'one-more:x')
      assert.is((await link.list()).kind, 'listed')
      await link.close()
      for (const path of [as('board', 'wrong'), as('guest', 'g'), server.path])
        assert.is(await codeOf(path.connect(newSpace())), 'fast/refused')
    } finally {
      await server.close()
    }
  })

  test('a user is no obstacle where etcd asks for none', async ({ server }) => {
    const link = await linkTo(server.pathWith({ user: { name: 'board', password: 'secret' } }), newSpace())
    assert.is((await link.list()).kind, 'listed')
    await link.close()
  })

  test('a database that is full is told to a person', async () => {
    const server = await startEtcd(['--quota-backend-bytes=200000'])
    try {
      await server.ctl('put', 'large', 'x'.repeat(100_000))
      // etcd looks at the size of its file, which grows when it commits, every 100 ms.
      const open = async () => {
        for (const until = performance.now() + 60_000; performance.now() < until; await sleep(50)) {
          const one = await linkTo(server.path, newSpace())
          await one.opening.open().finally(() => one.close())
        }
      }
      assert.is(await codeOf(open()), 'fast/alarm')
    } finally {
      await server.close()
    }
  })

  if (spawnSync('openssl', ['version']).error !== undefined)
    console.log('skip: no openssl, so no certificates are made')
  else
    test('TLS with a certificate of the client; without it, or with another authority, etcd is not reached', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ifb-tls-'))
      const { ca, server: theirs, client, other } = makeCertificates(folder)
      const flags = [
        `--cert-file=${theirs}.pem`,
        `--key-file=${theirs}.key`,
        `--trusted-ca-file=${ca}.pem`,
        '--client-cert-auth',
      ]
      const pem = (name: string) => readFileSync(name)
      const tls = { ca: pem(`${ca}.pem`), key: pem(`${client}.key`), certificate: pem(`${client}.pem`) }
      const server = await startEtcd(flags, { tls })
      try {
        const link = await linkTo(server.path, newSpace())
        await openSpace(link, ['T1'])
        await link.close()
        assert.is(
          await codeOf(server.pathWith({ tls: { ...tls, ca: pem(`${other}.pem`) } }).connect(newSpace())),
          'fast/certificate',
        )
        const without = await server
          .pathWith({ tls: { ca: tls.ca } })
          .connect(newSpace())
          .catch((error) => error)
        assert.ok(without instanceof IfBoardError || without.kind === 'unreached', JSON.stringify(without))
      } finally {
        await server.close()
        rmSync(folder, { recursive: true, force: true })
      }
    })
}

/** Paths without their endings: an authority, what it signed for server and client, and an authority of nobody. */
function makeCertificates(folder: string): { ca: string; server: string; client: string; other: string } {
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => void execFileSync('openssl', args, { stdio: 'ignore' })
  const names = path('names')
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const name of ['ca', 'other'])
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      path(`${name}.key`),
      '-out',
      path(`${name}.pem`),
    )
  for (const name of ['server', 'client']) {
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.csr`))
    const signer = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial']
    openssl('x509', '-req', '-in', path(`${name}.csr`), ...signer, '-extfile', names, '-out', path(`${name}.pem`))
  }
  return { ca: path('ca'), server: path('server'), client: path('client'), other: path('other') }
}

test.run()
