/** git, as whoever speaks there again after etcd sees it. */
import { sessionRef } from '../../claim/index.ts'
import type { SessionName } from '../../model/index.ts'
import type { Toolbox } from '../toolbox.ts'
import { type FixedRefs, moveReal } from './fixed-refs.ts'
import { chainOf } from './laid-over.ts'
import { readSaid } from './said.ts'

/**
 * git, with the chain of one session as far as it has come: what is said next stands on what was said in etcd, which a
 * fold may still seal. Of the others it shows what git has: what they have said besides may be refused yet, and whoever
 * named it as seen would miss it in the log for good. Claim refs and mode are git's own.
 */
export function onOwnChain(box: Toolbox, session: SessionName): Toolbox {
  let last: FixedRefs = { shown: new Map(), real: new Map() }
  const list = async () => {
    const real = await box.refs.list()
    const { beyond } = await chainOf(box, real, { session, told: [], said: await readSaid(box, session) })
    const tip = beyond.at(-1)
    const shown = tip === undefined ? real : new Map(real).set(sessionRef(box.layout, session, box.sha256), tip.oid)
    last = { shown, real }
    return shown
  }
  return {
    ...box,
    refs: { list, peek: list, moveAll: (moves) => moveReal(box.refs, moves, last), guards: false },
  }
}
