// @ts-check
/** Boards of any size in the shape that people write: tables below headings, ids with dots, ranges of dependencies. */

const ROWS_PER_SECTION = 24

/**
 * A board with `rows` tasks, the same for the same arguments.
 *
 * @param {number} rows
 * @param {{ dependencies: 'none' | 'chains' }} [options]  `chains`: within a section each task waits for one before it
 */
export function makeBoard(rows, { dependencies = 'chains' } = { dependencies: 'chains' }) {
  const lines = ['# Board of the bench', '']
  for (let row = 0; row < rows; row += 1) {
    const section = Math.floor(row / ROWS_PER_SECTION) + 1
    const place = (row % ROWS_PER_SECTION) + 1
    if (place === 1) lines.push(...sectionHead(section))
    const waitsFor = dependencies === 'none' || place <= 4 ? 'None' : `P${section}.${place - 4}`
    const deliverable = `\`src/part-${section}/step-${place}.ts\``
    lines.push(
      `| P${section}.${place} | Write step ${place} of part ${section} | AVAILABLE | ${waitsFor} | ${deliverable} | 30m |`,
    )
    if (place === ROWS_PER_SECTION) lines.push('')
  }
  return `${lines.join('\n')}\n`
}

/** @param {number} section */
function sectionHead(section) {
  return [
    `## Part ${section}`,
    '',
    `What part ${section} is for, in a sentence with a [link](https://example.invalid/part) and \`code\`.`,
    '',
    '| ID | Task | Status | Dependencies | Deliverable | Estimate |',
    '|----|------|--------|--------------|-------------|----------|',
  ]
}
