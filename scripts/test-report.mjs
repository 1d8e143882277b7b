// @ts-check
/** What the output of one uvu file means. uvu's exit status alone is no judge: a `before` hook that throws leaves it 0. */

/**
 * @typedef {object} Verdict
 * @property {number} passed
 * @property {number} failed   at least 1 when the file as a whole went wrong
 * @property {number} skipped
 * @property {string[]} skipReasons  texts of its lines `skip: <reason>`
 * @property {string | undefined} reason  why the file as a whole failed
 */

/**
 * @param {{ status: number, output: string, timedOut: boolean, ms: number }} finished  output without colours
 * @returns {Verdict}
 */
export function judge({ status, output, timedOut, ms }) {
  const total = lastNumber(output, 'Total')
  const passed = lastNumber(output, 'Passed') ?? 0
  const skipReasons = [...output.matchAll(/^[\s•✘]*skip: (.+)$/gmu)].map(([, reason = '']) => reason.trim())
  const skipped = Math.max(lastNumber(output, 'Skipped') ?? 0, skipReasons.length)
  const failed = (total ?? 0) - passed
  const reason = brokenFile({ status, timedOut, ms, total, skipped, failed })
  return { passed, failed: reason === undefined ? failed : Math.max(failed, 1), skipped, skipReasons, reason }
}

/**
 * @param {{ status: number, timedOut: boolean, ms: number, total: number | undefined, skipped: number, failed: number }} seen
 */
function brokenFile({ status, timedOut, ms, total, skipped, failed }) {
  if (timedOut) return `ended after its time limit of ${Math.round(ms / 1000)} s`
  if (total === undefined) return `ended with status ${status} before uvu printed its totals`
  if (total === 0 && skipped === 0) return 'reported no test: does it call `test.run()`?'
  if (status !== 0 && failed === 0) return `all its tests passed, but it ended with status ${status}`
  return undefined
}

/** @param {readonly Pick<Verdict, 'passed' | 'failed' | 'skipped'>[]} verdicts  none at all is a failure */
export function summaryLine(verdicts) {
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    verdicts.reduce((n, verdict) => n + verdict[key], 0)
  const failed = verdicts.length === 0 ? 1 : sum('failed')
  const skipped = sum('skipped')
  const line = `${sum('passed')} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
  return { line, ok: failed === 0 }
}

/**
 * What `test-cpu.mjs` wrote at the end of a file. Wall time depends on what else the machine does; this far less.
 *
 * @param {string} output
 * @returns {number | undefined}  seconds; nothing where the system does not tell, or the file was killed
 */
export function processorSeconds(output) {
  const found = [...output.matchAll(/^processor time: (\d+\.\d+) s$/gm)].at(-1)?.[1]
  return found === undefined ? undefined : Number(found)
}

/**
 * The status with which the file ends by its own last line, while its process may still be there: Node 20 now and then
 * hangs after its `exit` event (https://github.com/nodejs/node/issues/54918).
 *
 * @param {string} text  the newest piece of its output
 * @returns {number | undefined}
 */
export function endingStatus(text) {
  const found = /^this file ends with status (\d+)\n?$/m.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** @param {string} output @param {string} word */
function lastNumber(output, word) {
  const found = [...output.matchAll(new RegExp(`^ {2}${word}: +(\\d+)$`, 'gm'))].at(-1)?.[1]
  return found === undefined ? undefined : Number(found)
}
