// @ts-check
/**
 * Section `executor`: decisions per second, and what a run costs more than a direct start of the same program, in turn in
 * one process: with the layers that need nothing of the machine, and inside bwrap where that works.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { bundleFor } from './bundle.mjs'
import { judge } from './report.mjs'
import { median } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** @param {{ quick: boolean }} options */
export async function executor({ quick }) {
  return withWorld(async (world) => {
    const script = await bundleFor('scripts/bench/executor-run.ts', world.path('executor.mjs'))
    const project = world.path('project')
    mkdirSync(project)
    const request = { project, rounds: quick ? 10 : 100, decisions: quick ? 20_000 : 200_000 }
    const output = execFileSync(process.execPath, [script, JSON.stringify(request)], { encoding: 'utf8' })
    /** @type {{ direct: number[], plain: number[], walled: number[], allowed: number, denied: number }} */
    const { direct, plain, walled, allowed, denied } = JSON.parse(output)
    const baseline = { what: 'started directly', value: median(direct) }
    const run = (/** @type {string} */ what, /** @type {number[]} */ ms) =>
      judge({ what, unit: 'ms', ours: median(ms), baseline, compare: 'minus' })
    return {
      about: '`true`, run; and the words of a test run, judged',
      figures: [
        judge({ what: 'decisions that allow', unit: '/s', ours: allowed, compare: 'itself' }),
        judge({ what: 'decisions that deny', unit: '/s', ours: denied, compare: 'itself' }),
        run('a run without bwrap', plain),
        ...(walled.length === 0 ? [] : [run('a run in bwrap', walled)]),
      ],
      notes: walled.length > 0 ? [] : ['bwrap does not work here'],
    }
  })
}
