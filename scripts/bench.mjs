// @ts-check
/**
 * `npm run bench`: the figures that the design holds if-board to, each beside a baseline of the same run.
 *
 *     npm run bench                      everything, some 8 minutes
 *     npm run bench -- startup parse     these sections alone
 *     npm run bench -- --quick           at most 45 seconds, for a look: fewer rounds, shorter
 *     npm run bench -- --json            one object on standard output
 *
 * A figure that misses its goal is told, not punished: the exit status is 1 only when a section could not run.
 */
import { parseArgs } from 'node:util'
import { chassis } from './bench/chassis.mjs'
import { claims } from './bench/claims.mjs'
import { executor } from './bench/executor.mjs'
import { fast } from './bench/fast.mjs'
import { governor } from './bench/governor.mjs'
import { describeMachine, load, renderMachine } from './bench/machine.mjs'
import { parse } from './bench/parse.mjs'
import { proxy } from './bench/proxy.mjs'
import { replay } from './bench/replay.mjs'
import { renderSection } from './bench/report.mjs'
import { startup } from './bench/startup.mjs'
import { witness } from './bench/witness.mjs'
import { ensureInstalled } from './ensure.mjs'

/** @typedef {import('./bench/report.mjs').SectionReport} SectionReport */

const SECTIONS = { startup, claims, parse, replay, witness, governor, chassis, executor, proxy, fast }

async function main() {
  const options = /** @type {const} */ ({ json: { type: 'boolean' }, quick: { type: 'boolean' } })
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const names = chosenSections(positionals)
  await ensureInstalled()
  const machine = describeMachine()
  const print = (/** @type {string} */ text) => void (values.json === true || console.log(text))
  print(`${renderMachine(machine)}\n`)
  const sections = []
  for (const name of names) {
    const section = await runSection(name, values.quick === true)
    sections.push(section)
    print(renderSection(section))
  }
  const loadAtEnd = load()
  print(`load at the end: ${loadAtEnd}; figures above ${machine.processors} are those of a busy machine`)
  if (values.json === true) console.log(JSON.stringify({ schema: 'if-board/bench-v1', machine, loadAtEnd, sections }))
}

/** @param {keyof typeof SECTIONS} name @param {boolean} quick @returns {Promise<SectionReport>} */
async function runSection(name, quick) {
  const startedAt = performance.now()
  const progress = (/** @type {string} */ line) => void console.error(line)
  const report = await SECTIONS[name]({ quick, progress })
  return { name, ...report, seconds: (performance.now() - startedAt) / 1000 }
}

/** @param {string[]} asked  none = all @returns {(keyof typeof SECTIONS)[]} */
function chosenSections(asked) {
  const known = /** @type {(keyof typeof SECTIONS)[]} */ (Object.keys(SECTIONS))
  const strange = asked.find((name) => !known.some((section) => section === name))
  if (strange !== undefined) throw new Error(`no section \`${strange}\`; there are ${known.join(', ')}`)
  return asked.length === 0 ? known : known.filter((name) => asked.includes(name))
}

await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
