// @ts-check
/** What a figure depends on besides the program. */
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 19).replace('T', ' '),
    platform: `${process.platform} ${process.arch}`,
    processors: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    git: execFileSync('git', ['version'], { encoding: 'utf8' })
      .replace(/^git version /, '')
      .trim(),
    load: load(),
  }
}

/** Processes that wanted to run, on average over the last minute: above the number of processors, figures suffer. */
export function load() {
  return Number((loadavg()[0] ?? 0).toFixed(2))
}

/** @param {ReturnType<typeof describeMachine>} machine */
export function renderMachine({ date, platform, processors, memoryGiB, node, git, load: now }) {
  return `${date} UTC · ${platform}, ${processors} processors, ${memoryGiB} GiB · node ${node} · git ${git} · load ${now}`
}
