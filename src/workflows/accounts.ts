/** The ledger of the branch with what chains have said since, and what live claims have set aside. */
import { countsInGit } from '../claim/index.ts'
import type { Accounts, Reservation } from '../governor/index.ts'
import { quarantinedTasks, reservationOf, sessionBreaker, sessionCap, tripOf } from '../governor/index.ts'
import { EMPTY_LEDGER, type Ledger, type SessionName, splitTaskKey } from '../model/index.ts'
import { type CarriedEvent, formatTime, tally } from '../witness/index.ts'
import { timesSeen } from './breaker-sights.ts'
import { sealedSession, shownSessions, tipOf } from './chain-tip.ts'
import { chainBeyond, inOrder } from './chain-walk.ts'
import type { Judged } from './reading.ts'
import type { Toolbox } from './toolbox.ts'

/** Walks the chains alone that have said something since the ledger was written. */
export async function readAccounts(box: Toolbox, judged: Judged): Promise<Accounts> {
  const { branch, snapshot, claims, mode, now } = judged
  const found: Uncounted[] = []
  for (const name of await shownSessions(box, judged)) found.push(await uncounted(box, judged, name))
  const chains = found.map(({ events }) => events)
  const taskAccount: Accounts['taskAccount'] = (key) => snapshot.states.get(key)?.account
  const events = inOrder(chains).map(({ event }) => event)
  const { ledger, tasks } = tally({ ledger: branch.ledger ?? EMPTY_LEDGER, taskAccount }, events)
  const sealed = [...snapshot.states.values()].map(({ key, account }) => [key, account] as const)
  return {
    ledger,
    taskAccount: (key) => tasks.get(key) ?? taskAccount(key),
    breakers: await openBreakers(box, judged, ledger),
    // What was said since comes behind what was sealed.
    quarantined: quarantinedTasks([...sealed, ...tasks], judged.config.governor.breaker),
    reserved: claims
      .filter((claim) => claim.kind === 'granted' && countsInGit(mode, claim))
      .map((claim) => reservation(judged, claim)),
    isWhole: found.every(({ isWhole }) => isWhole),
    today: formatTime(now.wallMs).slice(0, 10),
  }
}

/** First sights are noted of those alone that have failed or spent too much. */
async function openBreakers(
  box: Toolbox,
  { config, now }: Judged,
  { sessions }: Ledger,
): Promise<Accounts['breakers']> {
  const { breaker: rules, budget } = config.governor
  const marks = sessions.flatMap((account) => {
    const mark = tripOf(account, rules)?.mark
    return mark === undefined ? [] : [[account.session, mark] as const]
  })
  const seen = await timesSeen(box, new Map(marks), now)
  const open = sessions.flatMap((account) => {
    const cap = sessionCap(budget.session, account.budgetMicroUsd)
    const breaker = sessionBreaker({ rules, account, cap, seenMs: () => seen.get(account.session) ?? 0 })
    return breaker.kind === 'closed' ? [] : [[account.session, breaker] as const]
  })
  return new Map(open)
}

interface Uncounted {
  readonly events: CarriedEvent[]
  /** They begin where the ledger ends. */
  readonly isWhole: boolean
}

async function uncounted(box: Toolbox, judged: Judged, name: SessionName): Promise<Uncounted> {
  const tip = await tipOf(box, judged, name)
  const through = await countedUpTo(box, judged, name)
  if (tip === undefined || tip.event.sequence <= through) return { events: [], isWhole: true }
  const events = await chainBeyond(box, tip, through)
  return { events, isWhole: events[0]?.event.sequence === through + 1 }
}

/** A branch without a ledger gets one, of the whole log, with its next fold; until then what is sealed is not looked at. */
async function countedUpTo(box: Toolbox, judged: Judged, name: SessionName): Promise<number> {
  const { ledger } = judged.branch
  if (ledger === undefined) return (await sealedSession(box, judged, name))?.sequence ?? 0
  return ledger.sessions.find(({ session }) => session === name)?.through ?? 0
}

function reservation({ config }: Judged, claim: Judged['claims'][number]): Reservation {
  const { oid, key, session } = claim
  const amount = reservationOf(claim, config.governor.budget)
  return { claim: oid, task: key, board: splitTaskKey(key).board, session, amount }
}
