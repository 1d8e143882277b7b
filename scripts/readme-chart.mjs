// @ts-check
/**
 * Draws `docs/recorded-day.svg` from the figures in `docs/recorded-day.json`.
 *
 * `node scripts/readme-chart.mjs HISTORY.json BOARD.md` first takes the figures from `if-board replay`; the record
 * itself is no part of this repository. Without words it only draws again.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { root } from './ensure.mjs'

const figuresFile = join(root, 'docs', 'recorded-day.json')
const chartFile = join(root, 'docs', 'recorded-day.svg')

/**
 * @typedef {object} Figures
 * @property {number} tasks                  without fillers
 * @property {number} completedTasks
 * @property {number} completions
 * @property {number} duplicates
 * @property {{ median: number, n: number }} readyToClaimedSeconds
 * @property {number} makespanSeconds
 */
/** @typedef {{ source: string, board: string, command: string, recorded: Figures, replayed: Figures }} RecordedDay */

/** @returns {RecordedDay} */
export const readRecordedDay = () => JSON.parse(readFileSync(figuresFile, 'utf8'))

/** @param {string} history @param {string} board @returns {Promise<RecordedDay>} */
export async function measure(history, board) {
  await build({ ifNeeded: true })
  const args = [join(root, 'dist', 'if-board.cjs'), 'replay', history, '--board', board, '--json']
  const { recorded, ...replayed } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  const record = JSON.parse(readFileSync(history, 'utf8'))
  return {
    source: record.source,
    board: record.board,
    command: 'if-board replay HISTORY.json --board FILE --json',
    recorded: pick(recorded),
    replayed: pick(replayed),
  }
}

/** @param {Figures} all @returns {Figures} */
function pick({ tasks, completedTasks, completions, duplicates, readyToClaimedSeconds, makespanSeconds }) {
  const { median, n } = readyToClaimedSeconds
  return { tasks, completedTasks, completions, duplicates, readyToClaimedSeconds: { median, n }, makespanSeconds }
}

const width = 760
const barLeft = 210
const barMax = 420
const groupHeight = 88
const top = 92

/** @param {RecordedDay} day @returns {string} an SVG that brings its own ground, readable on light and dark pages */
export function drawChart({ recorded, replayed }) {
  const groups = [
    group(0, ['Work done twice', 'completions of a done task'], recorded.duplicates, replayed.duplicates, String),
    group(
      1,
      ['Ready, nobody on it', 'median until claimed'],
      recorded.readyToClaimedSeconds.median,
      replayed.readyToClaimedSeconds.median,
      spokenTime,
    ),
    group(
      2,
      ['Start to finish', 'until the last completion'],
      recorded.makespanSeconds,
      replayed.makespanSeconds,
      spokenTime,
    ),
  ]
  const height = top + groups.length * groupHeight + 6
  const said = `${recorded.completions} completions of ${recorded.completedTasks} tasks as recorded, ${replayed.completions} of ${replayed.completedTasks} with if-board`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title about">
<title id="title">One recorded day of seven sessions, and the same day run again with if-board</title>
<desc id="about">${said}. ${groups.map(({ about }) => about).join('. ')}.</desc>
<style>
text { font-family: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
.ground { fill: #ffffff; stroke: #d1d9e0; } .head { font-size: 18px; font-weight: 600; } .label { font-size: 14px; font-weight: 600; }
.small { font-size: 12px; fill: #59636e; } .value { font-size: 13px; font-weight: 600; } .before { fill: #9a6700; } .after { fill: #1a7f37; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .ground { fill: #0d1117; stroke: #3d444d; } .small { fill: #9198a1; } .before { fill: #d29922; } .after { fill: #3fb950; }
}
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="head" x="24" y="36">${recorded.tasks} tasks, seven sessions, one day</text>
<rect class="before" x="24" y="53" width="12" height="12" rx="2"/><text class="small" x="42" y="63">recorded: a person hands the work out</text>
<rect class="after" x="300" y="53" width="12" height="12" rx="2"/><text class="small" x="318" y="63">replayed: sessions ask if-board next</text>
${groups.map(({ svg }) => svg).join('\n')}
</svg>
`
}

/**
 * @param {number} index
 * @param {readonly [string, string]} names
 * @param {number} before
 * @param {number} after
 * @param {(value: number) => string} say
 */
function group(index, [name, detail], before, after, say) {
  const y = top + index * groupHeight
  const scale = barMax / Math.max(before, after)
  const bar = (/** @type {string} */ kind, /** @type {number} */ value, /** @type {number} */ barTop) => {
    // Nothing is drawn as nothing; what is small stays visible.
    const length = value === 0 ? 0 : Math.max(2, Math.round(value * scale))
    const rect =
      length === 0 ? '' : `<rect class="${kind}" x="${barLeft}" y="${barTop}" width="${length}" height="22" rx="3"/>`
    return `${rect}<text class="value" x="${barLeft + length + 8}" y="${barTop + 16}">${say(value)}</text>`
  }
  return {
    about: `${name} (${detail}): ${say(before)} as recorded, ${say(after)} with if-board`,
    svg: [
      `<text class="label" x="24" y="${y + 24}">${name}</text><text class="small" x="24" y="${y + 42}">${detail}</text>`,
      bar('before', before, y + 6),
      bar('after', after, y + 34),
    ].join('\n'),
  }
}

/** Such as `22 s`, `32 min`, `3 h 15 min`. @param {number} seconds */
export function spokenTime(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

async function main() {
  const [history, board] = process.argv.slice(2)
  if (history !== undefined && board !== undefined)
    writeFileSync(figuresFile, `${JSON.stringify(await measure(history, board), null, 2)}\n`)
  writeFileSync(chartFile, drawChart(readRecordedDay()))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
