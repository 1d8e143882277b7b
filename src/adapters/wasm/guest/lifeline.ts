/**
 * Ends this process when its supervisor ends, whatever way: the supervisor holds the other end of descriptor 3, and the
 * system closes that.
 *
 * A module may keep the main thread busy for ever, so a thread waits for it. It is no boundary against the module, and
 * need not be one: the module has no way to it.
 */
import { Worker } from 'node:worker_threads'
import { LIFELINE_FD } from '../order.ts'

const WATCH = `
const { readSync } = require('node:fs')
const wait = new Int32Array(new SharedArrayBuffer(4))
for (;;) {
  try {
    if (readSync(${LIFELINE_FD}, new Uint8Array(1)) === 0) break
  } catch (error) {
    if (error.code !== 'EAGAIN') break
    Atomics.wait(wait, 0, 0, 100)
  }
}
process.kill(process.pid, 'SIGKILL')
`

export function watchLifeline(): void {
  // The file that Node was started with is not what it needs: nothing is read from disk.
  new Worker(WATCH, { eval: true, execArgv: [], env: {}, stdin: false }).unref()
}
