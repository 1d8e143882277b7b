/** Attacks by who may carry the claims of others, because anybody may who changes who decides. */
import { claimRef } from '../../../src/claim/index.ts'
import { read } from '../../../src/workflows/read.ts'
import type { Clone } from '../../support/fleet.ts'
import type { Attack } from './attack.ts'
import { following, tips } from './attacks-on-events.ts'

const carryToOneself: Attack = {
  name: 'the owner of a key carries the claim of another session to itself',
  at: 'full',
  codes: ['carried-differs'],
  async run(scene) {
    const { day, forger, random } = scene
    const { claims } = await read((day.clones[0] as Clone).box)
    const all = await tips(scene)
    const fit = claims
      .filter(({ kind }) => kind === 'granted')
      .flatMap((claim) => all.filter(({ event }) => event.session !== claim.session).map((tip) => ({ claim, tip })))
    if (fit.length === 0) return false
    const { claim, tip } = random.pick(fit)
    const { task, leaseSeconds } = claim.event.data
    const counted = { epoch: claim.epoch, failures: claim.failures, modeEpoch: 1, replaces: claim.oid }
    const carried = following(tip, scene, {
      type: 'if-board.carried',
      subject: claim.key,
      traceparent: claim.event.traceparent as string,
      parents: [tip.oid, claim.oid],
      data: { task, leaseSeconds, ...counted, from: tip.event.session, heldSince: claim.event.time } as never,
    })
    const oid = await forger.write(await forger.signAsOwner(carried))
    await forger.force(tip.ref, oid)
    await forger.force(claimRef(forger.box.layout, claim.key, forger.box.sha256), oid)
    return true
  },
}

export const ATTACKS_ON_SWITCHES: readonly Attack[] = [carryToOneself]
