/** What a task is expected to cost, before it is begun. */
import type { Amount, BoardName, BudgetRules, Ledger, Sample, Task, Unit } from '../model/index.ts'

/** Fewer figures than this say nothing of the next task. */
const LEAST_SAMPLES = 3
/** Three tasks of four cost no more. */
const QUARTILE = 0.75

export interface ExpectRequest {
  readonly ledger: Ledger
  readonly rules: Pick<BudgetRules, 'reserve'>
  /** Of the session that asks. */
  readonly rateMicroUsdPerHour: number | undefined
}

/**
 * By what completed grants of the board have cost (upper quartile; scaled by the estimate where tasks have one), else by
 * estimate × rate of the session, else the default; dollars and tokens each for themselves.
 */
export function expectCosts({ ledger, rules, rateMicroUsdPerHour }: ExpectRequest): (task: Task) => Amount {
  const histories = new Map<BoardName, History>()
  return (task) => {
    const history = histories.get(task.board) ?? historyOf(ledger, task.board)
    histories.set(task.board, history)
    const { estimateMinutes } = task
    const byRate =
      rateMicroUsdPerHour === undefined || estimateMinutes === undefined
        ? undefined
        : (rateMicroUsdPerHour * estimateMinutes) / 60
    return {
      microUsd: whole(history.microUsd(estimateMinutes) ?? byRate ?? rules.reserve.microUsd),
      tokens: whole(history.tokens(estimateMinutes) ?? rules.reserve.tokens),
    }
  }
}

function whole(number: number): number {
  return Math.min(Math.ceil(number), Number.MAX_SAFE_INTEGER)
}

/** Of each unit what a task with this estimate has cost; `undefined`: too few figures. */
type History = Readonly<Record<Unit, (estimateMinutes: number | undefined) => number | undefined>>

function historyOf({ boards }: Ledger, board: BoardName): History {
  const samples = boards.find((account) => account.board === board)?.samples ?? []
  return { microUsd: costBy(samples, 'microUsd'), tokens: costBy(samples, 'tokens') }
}

function costBy(samples: readonly Sample[], unit: Unit): History[Unit] {
  const flat = upperQuartile(samples.flatMap((sample) => sample[unit] ?? []))
  const perMinute = upperQuartile(samples.flatMap((sample) => perEstimatedMinute(sample, unit)))
  return (minutes) => (minutes === undefined || perMinute === undefined ? flat : perMinute * minutes)
}

function perEstimatedMinute(sample: Sample, unit: Unit): number[] {
  const { estimateMinutes = 0 } = sample
  const cost = sample[unit]
  return cost === undefined || estimateMinutes === 0 ? [] : [cost / estimateMinutes]
}

function upperQuartile(numbers: readonly number[]): number | undefined {
  if (numbers.length < LEAST_SAMPLES) return undefined
  return [...numbers].sort((a, b) => a - b)[Math.ceil(QUARTILE * numbers.length) - 1]
}
