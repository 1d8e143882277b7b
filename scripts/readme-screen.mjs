// @ts-check
/**
 * Turns a captured terminal screen (standard input, with colours) into `docs/demo.svg`.
 *
 * ```sh
 * tmux new-session -d -s demo -x 84 -y 30 'npm run demo'
 * tmux capture-pane -e -p -t demo | node scripts/readme-screen.mjs
 * ```
 *
 * Only what stands below the last line `$ if-board next` is drawn, that line included: above it are paths of the
 * machine that ran it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { root } from './ensure.mjs'

const cell = { width: 8.4, height: 20 }
const margin = 20
/** Foreground colours of ECMA-48 SGR that the demo uses, by the class that draws them. */
const classes = new Map([
  ['32', 'green'],
  ['33', 'yellow'],
  ['90', 'grey'],
])

/** @param {string} captured @returns {string} */
export function drawScreen(captured) {
  const rows = cropped(captured.split('\n'))
  const columns = Math.max(...rows.map(({ text }) => stripVTControlCharacters(text).length))
  const width = Math.ceil(columns * cell.width + 2 * margin)
  const height = rows.length * cell.height + 2 * margin
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">The demo in a terminal: seven sessions, what each works on, and how far the board is</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre; }
.green { fill: #3fb950; } .yellow { fill: #d29922; } .grey { fill: #8b949e; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#161b22"/>
${rows.map(drawRow).filter(Boolean).join('\n')}
</svg>
`
}

/**
 * The colour that is on when a line begins is that of the line before: a terminal's capture only tells changes.
 *
 * @param {readonly string[]} lines
 */
function cropped(lines) {
  const plain = lines.map((line) => stripVTControlCharacters(line).trim())
  const first = plain.findLastIndex((line) => line.startsWith('$ if-board next'))
  if (first < 0) throw new Error('the screen shows no line `$ if-board next`')
  const last = plain.findLastIndex((line) => line !== '')
  let colour = ''
  return lines.slice(first, last + 1).map((text) => {
    const begins = colour
    for (const [, codes = ''] of text.matchAll(sgr)) colour = colourAfter(codes, colour)
    return { text, colour: begins }
  })
}

const sgr = /\u001b\[([\d;]*)m/g

/** @param {string} codes @param {string} before */
function colourAfter(codes, before) {
  let colour = before
  for (const code of codes.split(';')) colour = ['', '0', '39'].includes(code) ? '' : (classes.get(code) ?? colour)
  return colour
}

/** @param {{ text: string, colour: string }} row @param {number} index */
function drawRow(row, index) {
  const y = margin + index * cell.height + 15
  let { colour } = row
  let column = 0
  const runs = row.text.split(sgr).map((part, at) => {
    if (at % 2 === 1) {
      colour = colourAfter(part, colour)
      return ''
    }
    const left = column
    column += part.length
    return part.trim() === '' ? '' : drawRun(part, { left, y, colour })
  })
  return runs.join('')
}

/** Blocks are drawn, because fonts leave gaps between them. @param {string} text @param {{ left: number, y: number, colour: string }} at */
function drawRun(text, { left, y, colour }) {
  const kind = colour === '' ? '' : ` class="${colour}"`
  const x = (/** @type {number} */ column) => (margin + column * cell.width).toFixed(1)
  const parts = [...text.matchAll(/[█░]+|[^█░]+/g)].map(({ 0: part, index }) => {
    const wide = (part.length * cell.width).toFixed(1)
    if (/[█░]/.test(part)) {
      const faint = part.startsWith('░') ? ' opacity="0.35"' : ''
      return `<rect${kind || ' fill="#e6edf3"'}${faint} x="${x(left + index)}" y="${y - 12}" width="${wide}" height="14"/>`
    }
    if (part.trim() === '') return ''
    return `<text${kind} x="${x(left + index)}" y="${y}" textLength="${wide}" xml:space="preserve">${escaped(part)}</text>`
  })
  return parts.join('')
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, 'docs', 'demo.svg'), drawScreen(readFileSync(0, 'utf8')))
