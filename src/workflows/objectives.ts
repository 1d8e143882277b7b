/** Objectives as people read them. Pure. */
import type { Objective } from '../governor/index.ts'

/** `TASK-BOARD.md: 93 % of 28 grants completed, at least 95 % wanted; burning 1.4 times too fast over 32 grants`. */
export function objectiveWords({ board, kind, objective, actual, grants, burns }: Objective): string {
  const found =
    kind === 'success-rate'
      ? `${percent(actual)} of ${grants} grants completed, at least ${percent(objective)} wanted`
      : `99 % of ${grants} completions within ${minutes(actual)}, at most ${minutes(objective)} wanted`
  const fast = burns
    .filter(({ burning }) => burning)
    .map(({ window, longRate }) => `${longRate.toFixed(1)} times the allowed failures over ${window}`)
  return `${board}: ${found}${fast.length === 0 ? '' : `; ${fast.join(', ')}`}`
}

function percent(part: number | null): string {
  return part === null ? 'nothing known' : `${Math.floor(part * 1000) / 10} %`
}

function minutes(value: number | null): string {
  return value === null ? 'a time that is not known' : `${Math.ceil(value * 10) / 10} min`
}
