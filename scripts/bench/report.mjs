// @ts-check
/** Figures of the bench: every one beside its baseline of the same run, and beside its goal where the design has one. */

/**
 * What is held to the goal: the figure itself, `minus` its baseline, or one as a multiple of the other.
 * `times` = ours / baseline, for what should be small; `faster` = ours / baseline for a rate, which should be large.
 *
 * @typedef {'itself' | 'minus' | 'times' | 'faster'} Comparison
 */

/**
 * @typedef {object} Figure
 * @property {string} what
 * @property {string} unit                 such as `ms`, `/s`, `MiB`; empty for a plain number
 * @property {number} ours
 * @property {{ what: string, value: number }} [baseline]
 * @property {Comparison} compare
 * @property {{ is: 'at most' | 'at least', value: number }} [goal]
 */

/** @typedef {Figure & { compared: number, ok: boolean | undefined }} JudgedFigure */

/** @typedef {{ name: string, about: string, figures: JudgedFigure[], notes: string[], seconds: number }} SectionReport */

/** @param {Figure} figure @returns {JudgedFigure} */
export function judge(figure) {
  const { goal } = figure
  const compared = compare(figure)
  if (goal === undefined) return { ...figure, compared, ok: undefined }
  return { ...figure, compared, ok: goal.is === 'at most' ? compared <= goal.value : compared >= goal.value }
}

/** @param {Figure} figure */
function compare({ compare: how, ours, baseline }) {
  if (how === 'itself' || baseline === undefined) return ours
  return how === 'minus' ? ours - baseline.value : ours / baseline.value
}

const COLUMNS = ['', 'ours', 'baseline', '', 'compared', 'goal', '']

/** @param {SectionReport} section  as plain text, columns aligned */
export function renderSection({ name, about, figures, notes, seconds }) {
  const rows = [COLUMNS, ...figures.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const isNumber = [false, true, true, false, true, false, false]
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const head = `${name}: ${about} (${seconds.toFixed(0)} s)`
  return [head, ...lines.map((line) => `  ${line}`), ...notes.map((note) => `  note: ${note}`), ''].join('\n')
}

/** @param {JudgedFigure} figure */
function cells({ what, unit, ours, baseline, compare: how, compared, goal, ok }) {
  const symbol = how === 'minus' ? `+${withUnit(compared, unit)}` : `${number(compared)}×`
  return [
    what,
    withUnit(ours, unit),
    baseline === undefined ? '' : withUnit(baseline.value, unit),
    baseline?.what ?? '',
    baseline === undefined || how === 'itself' ? '' : symbol.replace('+-', '-'),
    goal === undefined ? '' : `${goal.is === 'at most' ? '≤' : '≥'} ${goalText(goal.value, how, unit)}`,
    ok === undefined ? '' : ok ? 'ok' : 'MISS',
  ]
}

/** @param {number} value @param {Comparison} how @param {string} unit */
function goalText(value, how, unit) {
  if (how === 'times' || how === 'faster') return `${value}×`
  return `${how === 'minus' ? '+' : ''}${value}${unit === '' ? '' : ` ${unit}`}`
}

/** @param {number} value @param {string} unit */
const withUnit = (value, unit) => `${number(value)}${unit === '' ? '' : ` ${unit}`}`

/** Three digits that matter, no more. @param {number} value */
export function number(value) {
  if (!Number.isFinite(value)) return '?'
  if (Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}
