// @ts-check
/**
 * Section `chassis`: the start of a run, how much slower code is that counts its fuel, runs per second,
 * and what a check costs on `done`.
 *
 * The baseline of a start is `node -e 0`; that of counting is the same module without its counter, in the same process,
 * in turn. Workloads are programs that others made (scripts/real-modules.mjs).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { build } from '../build.mjs'
import { root } from '../ensure.mjs'
import { realModules } from '../real-modules.mjs'
import { bundleFor } from './bundle.mjs'
import { checkFigures } from './check.mjs'
import { judge } from './report.mjs'
import { median } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** Of one text of this size, what a check may have to read. */
const TEXT_BYTES = 1_000_000
const PYTHON = `
import json
rows = [{'id': i, 'name': 'row %d' % i, 'parts': [i % 7, i % 11]} for i in range(4000)]
again = json.loads(json.dumps(rows))
print(sum(sum(row['parts']) for row in again), len(sorted(again, key=lambda row: row['name'])))
`

/** @typedef {{ ms: number[], perSecond: number }} Runs */
/** @typedef {{ name: string, plain: number[], metered: number[] }} Slowdown */

/** @param {{ quick: boolean }} options */
export async function chassis({ quick }) {
  await build({ ifNeeded: true })
  return withWorld(async (world) => {
    const script = await bundleFor('scripts/bench/chassis-run.ts', world.path('chassis.mjs'))
    const text = world.path('text')
    writeFileSync(text, readFileSync(join(root, 'README.md'), 'utf8').repeat(100).slice(0, TEXT_BYTES))
    const request = {
      guestFile: join(root, 'dist', 'chassis-guest.cjs'),
      engineFile: join(root, 'dist', 'chassis-quickjs.wasm'),
      workloads: workloads(text),
      rounds: quick ? 3 : 9,
      runs: quick ? 5 : 20,
      atOnce: Math.min(4, availableParallelism()),
    }
    const output = execFileSync(process.execPath, [script, JSON.stringify(request)], { encoding: 'utf8' })
    /** @type {{ slowdowns: Slowdown[], cold: Runs, ahead: Runs }} */
    const { slowdowns, cold, ahead } = JSON.parse(output)
    const node = { what: 'node -e 0', value: startOfNode(quick ? 3 : 11) }
    return {
      about: 'a module that does nothing, and programs that others made',
      figures: [
        judge({ what: 'a run, cold', unit: 'ms', ours: median(cold.ms), baseline: node, compare: 'minus' }),
        judge({ what: 'a run, started ahead', unit: 'ms', ours: median(ahead.ms), baseline: node, compare: 'minus' }),
        judge({ what: 'runs, cold', unit: '/s', ours: cold.perSecond, compare: 'itself' }),
        judge({ what: 'runs, started ahead', unit: '/s', ours: ahead.perSecond, compare: 'itself' }),
        ...(await checkFigures(world, quick ? 3 : 11)),
        ...slowdowns.map(slowdownFigure),
      ],
      notes: slowdowns.length > 0 ? [] : ['no programs to slow down: node scripts/real-modules.mjs'],
    }
  })
}

/** @param {Slowdown} slowdown */
function slowdownFigure({ name, plain, metered }) {
  const baseline = { what: 'without its counter', value: median(plain) }
  return judge({ what: `${name}, counted`, unit: 'ms', ours: median(metered), baseline, compare: 'times' })
}

/** @param {string} stdinFile */
function workloads(stdinFile) {
  const { coreutils, python } = realModules()
  const tools = [
    ['sha256sum'],
    ['md5sum'],
    ['base64'],
    ['tac'],
    ['fold', '-w', '40'],
    ['nl', '-b', 'a'],
    ['uniq', '-c'],
  ]
  return [
    ...(coreutils === undefined
      ? []
      : tools.map((args) => ({ name: args[0], file: join(coreutils, 'wasm', String(args[0])), args, stdinFile }))),
    ...(python === undefined
      ? []
      : [
          {
            name: 'python',
            file: join(python, 'dist', 'python.wasm'),
            args: ['python', '-B', '-c', PYTHON],
            stdinFile,
          },
        ]),
  ]
}

/** Milliseconds. @param {number} rounds */
function startOfNode(rounds) {
  const times = Array.from({ length: rounds }, () => {
    const startedAt = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    return performance.now() - startedAt
  })
  return median(times)
}
