/** What is held in etcd is registered in git while something else is under way there. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../../src/model/index.ts'
import type { FastClaims, FastLink, FastPath } from '../../../src/ports/index.ts'
import { claim, codeOf, done, settle, standing } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { eventually, onRealClock, ownBoard, startStation } from '../../support/etcd-fleet.ts'
import { boardOf, type Clone, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { switchTo } from '../../support/switching.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

const test = suite<{ server: EtcdServer }>('draining')
const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const noEtcd = whyNoEtcd()

/** Completions are asked for, and refused only when the test lets them be. */
function withholding(path: FastPath) {
  let refuse = () => {}
  let isAsked = false
  const refused = new Promise<void>((resolve) => {
    refuse = resolve
  })
  const held = (claims: FastClaims): FastClaims => ({
    lease: (seconds) => claims.lease(seconds),
    keepAlive: (lease, kept) => claims.keepAlive(lease, kept),
    claim: (lease, wishes) => claims.claim(lease, wishes),
    adopt: (lease, one, heir) => claims.adopt(lease, one, heir),
    release: (one) => claims.release(one),
    async done() {
      isAsked = true
      await refused
      return { kind: 'broken', reason: 'the test cut it' }
    },
  })
  const linked = (link: FastLink): FastLink => ({
    ...{ opening: link.opening, projection: link.projection, claims: held(link.claims) },
    ...{ list: () => link.list(), watch: (revision) => link.watch(revision), close: () => link.close() },
  })
  return {
    isAsked: () => isAsked,
    refuse: () => refuse(),
    path: {
      async connect(space) {
        const reached = await path.connect(space)
        return reached.kind === 'linked' ? { kind: 'linked', link: linked(reached.link) } : reached
      },
    } satisfies FastPath,
  }
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing is registered`)
  test.skip('draining a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('who registers names nothing as seen that another session of its clone is still asking for', ({ server }) =>
    on({ kind: 'remote', board: boardOf(['T1'], ['T2'], ['T3']), config: ownBoard() }, async (_fleet, a, b) => {
      const [first, second] = [a, b].map((clone) => onRealClock(clone as Clone)) as [Clone, Clone]
      await switchTo(first, 'etcd', { path: server.patient, leaseMs: 15_000 })
      const { path, isAsked, refuse } = withholding(server.path)
      const station = startStation(first, { path, folder: s3 })
      try {
        assert.is(await claim(station.clone, s1, 'T1'), 'granted T1')
        assert.is(await claim(station.clone, s2, 'T2'), 'granted T2')
        const completing = codeOf(done(station.clone, s2))
        assert.ok(await eventually(isAsked, 60_000))
        await switchTo(second, 'git', { path: server.patient })
        refuse()
        // By whether its engine has heard yet that git decides.
        assert.ok(['fast/switching', 'authority/unreachable'].includes(String(await completing)))
      } finally {
        await station.kill()
      }
      assert.is(
        await standing(second),
        'T1 claimed by session-1, T2 claimed by session-2, T3 ready',
        'kept as etcd shows it',
      )
      assert.is(await done(first, s2), 'completed T2')
      assert.is(await claim(first, s2, 'T3'), 'granted T3')
      await settle(first, s3)
      assert.equal(codesOf(await verifyAfresh({ clones: [first, second] }, 'full')), [])
    }))
}

test.run()
