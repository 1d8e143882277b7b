// @ts-check
/**
 * Section `proxy`: decisions per second, and what a request takes longer than one that asks the service directly.
 *
 * The baseline of a decision is its seven HMACs by `node:crypto` alone; that of a request the same request without the
 * proxy, in turn. A call of a script is what its run takes longer than a run without calls; such a call opens a connection
 * to the proxy of its own.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from '../build.mjs'
import { root } from '../ensure.mjs'
import { bundleFor } from './bundle.mjs'
import { judge } from './report.mjs'
import { median, quantile } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** @typedef {{ ms: { direct: number[], plain: number[], keyed: number[] }, moduleMs: number[], decisions: number, hmacs: number }} Measured */

/** @param {{ quick: boolean }} options */
export async function proxy({ quick }) {
  await build({ ifNeeded: true })
  return withWorld(async (world) => {
    const script = await bundleFor('scripts/bench/proxy-run.ts', world.path('proxy.mjs'))
    const request = {
      ...(quick
        ? { decisions: 20_000, requests: 300, calls: 100, rounds: 3 }
        : { decisions: 200_000, requests: 3_000, calls: 1_000, rounds: 9 }),
      socket: process.platform === 'win32' ? `\\\\.\\pipe\\if-board-bench-${process.pid}` : world.path('s'),
      guestFile: join(root, 'dist', 'chassis-guest.cjs'),
      engineFile: join(root, 'dist', 'chassis-quickjs.wasm'),
    }
    /** @type {Measured} */
    const measured = JSON.parse(execFileSync(process.execPath, [script, JSON.stringify(request)], { encoding: 'utf8' }))
    const { ms, moduleMs, decisions, hmacs } = measured
    const direct = { what: 'asked directly', value: median(ms.direct) }
    const slow = { what: 'asked directly', value: quantile(ms.direct, 0.99) }
    const alone = { what: 'its HMACs alone', value: hmacs }
    return {
      about: 'requests of 4 KiB on loopback, service and proxy in processes of their own',
      figures: [
        judge({ what: 'decisions', unit: '/s', ours: decisions, baseline: alone, compare: 'times' }),
        judge({ what: 'a request', unit: 'ms', ours: median(ms.plain), baseline: direct, compare: 'minus' }),
        judge({
          what: 'a request, 99 %',
          unit: 'ms',
          ours: quantile(ms.plain, 0.99),
          baseline: slow,
          compare: 'minus',
        }),
        judge({
          what: 'a request with a credential',
          unit: 'ms',
          ours: median(ms.keyed),
          baseline: direct,
          compare: 'minus',
        }),
        judge({
          what: 'a call of a script',
          unit: 'ms',
          ours: median(moduleMs),
          baseline: direct,
          compare: 'minus',
        }),
      ],
      notes: [],
    }
  })
}
