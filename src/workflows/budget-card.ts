/** What a grant has set aside, and what is left besides, for the card of its holder. Pure. */
import { type BudgetLine, reservationOf } from '../governor/index.ts'
import { type Amount, type ClaimRecord, plus, type SessionName, type Task, UNITS, type Unit } from '../model/index.ts'
import { admissionFacts } from './admission-facts.ts'
import type { BudgetCard } from './outcomes.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface BudgetCardRequest {
  readonly session: SessionName
  readonly task: Task
  /** Absent while nothing is claimed. */
  readonly claim: ClaimRecord | undefined
}

/** `undefined` where no cap is set that it counts against. */
export function budgetCard(
  box: Toolbox,
  reading: Reading,
  { session, task, claim }: BudgetCardRequest,
): BudgetCard | undefined {
  const set = claim === undefined ? undefined : reservationOf(claim, reading.config.governor.budget)
  const landed = claim === undefined || set === undefined ? undefined : { oid: claim.oid, reserve: set }
  const { budget } = admissionFacts(box, reading, session, landed)
  const reserve = budget.reserveFor(task)
  const lefts = [...budget.lines, ...budget.linesFor(task)].flatMap((line) => leftOf(line, reserve))
  // Dollars first: they are what most people watch.
  const least = UNITS.map((unit) => lefts.filter((one) => one.unit === unit).sort((a, b) => a.left - b.left)[0])
  const tightest = least.find((one) => one !== undefined)
  return tightest === undefined ? undefined : { reserve, ...tightest }
}

function leftOf({ scope, name, cap, spent, reserved }: BudgetLine, reserve: Amount) {
  const used = plus(plus(spent, reserved), reserve)
  return UNITS.flatMap((unit: Unit) => {
    const most = cap[unit]
    return most === undefined ? [] : [{ scope, name, unit, left: Math.max(0, most - used[unit]), cap: most }]
  })
}
