/** Full: what folds have counted of money and outcomes is what the sealed log comes to. */
import type { Ledger, TaskKey } from '../../model/index.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { CountedFacts } from './facts.ts'
import type { Findings, Place } from './findings.ts'
import type { SealedLog } from './notes.ts'
import type { VerifyRequest } from './tools.ts'

export function judgeLedger({ facts, findings }: VerifyRequest, log: SealedLog): void {
  const { counted } = facts
  // A branch of an older version has no ledger yet, and a bundle carries none.
  if (counted === undefined) return
  if (log.prunes.through > 0) {
    const message = `what was counted in folds 1 to ${log.prunes.through} cannot be counted again: their events were pruned`
    findings.notice('ledger-uncounted', { fold: log.prunes.through }, message)
    return
  }
  judgeThrough(facts, findings)
  const again = log.recount.counted
  if (isAhead(counted.ledger, again.ledger)) {
    findings.notice('ledger-uncounted', {}, 'the ledger counts events that no note holds yet: the next fold seals them')
    return
  }
  compare(findings, bySession(counted.ledger), bySession(again.ledger))
  compare(findings, byBoard(counted.ledger), byBoard(again.ledger))
  const forgiven = new Set([...counted.tasks].flatMap(([task, one]) => (one.forgivenEpoch === undefined ? [] : [task])))
  compare(findings, byTask(counted.tasks, forgiven), byTask(again.tasks, forgiven))
}

/** Each session is counted as far as the branch calls its chain sealed. */
function judgeThrough({ sealed, counted }: VerifyRequest['facts'], findings: Findings): void {
  const ends = new Map(sealed.map(({ session, sequence }) => [session, sequence]))
  for (const { session, through } of counted?.ledger.sessions ?? []) {
    const end = ends.get(session) ?? 0
    if (through === end) continue
    const message = `the ledger counts ${session} up to event ${through}, and its chain is sealed up to event ${end}`
    findings.add('ledger-differs', { session }, message)
  }
}

/** A server that was killed between board and note leaves the ledger one note ahead. */
function isAhead(ledger: Ledger, again: Ledger): boolean {
  const sealed = new Map(again.sessions.map(({ session, through }) => [session, through]))
  return ledger.sessions.some(({ session, through }) => through > (sealed.get(session) ?? 0))
}

/** Accounts by what they are about, as one spelling each, with where they stand. */
type Accounts = ReadonlyMap<string, { readonly text: string; readonly place: Place }>

function bySession({ sessions }: Ledger): Accounts {
  return new Map(sessions.map((one) => [one.session, { text: canonicalJson(one), place: { session: one.session } }]))
}

function byBoard({ boards }: Ledger): Accounts {
  return new Map(boards.map((one) => [one.board, { text: canonicalJson(one), place: {} }]))
}

/** What a person forgave by an edit of the board is in no event, so of these tasks failures are not compared. */
function byTask(tasks: CountedFacts['tasks'], forgiven: ReadonlySet<TaskKey>): Accounts {
  return new Map(
    [...tasks].map(([task, { failed, forgivenEpoch, ...rest }]) => {
      const text = canonicalJson(forgiven.has(task) ? rest : { failed, ...rest })
      return [task, { text, place: { task } }]
    }),
  )
}

function compare(findings: Findings, written: Accounts, again: Accounts): void {
  for (const name of new Set([...written.keys(), ...again.keys()])) {
    const [here, there] = [written.get(name), again.get(name)]
    if (here?.text === there?.text) continue
    const message = `what was counted of \`${name}\` is not what the sealed events come to`
    findings.add('ledger-differs', (here ?? there)?.place ?? {}, message)
  }
}
