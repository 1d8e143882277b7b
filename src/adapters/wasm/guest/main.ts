/**
 * The program of the single-use process: reads one order from standard input, runs its module, writes one report to
 * standard output, ends. Between the two it asks its supervisor for HTTP, where the module may. Started by
 * `../guest-process.ts`, with Node's permission model and an empty environment.
 */
import { readOrder } from '../order.ts'
import { watchLifeline } from './lifeline.ts'
import { hear, say } from './pipe.ts'
import { runOrder } from './run-order.ts'

function main(): void {
  watchLifeline()
  void runOrder(readOrder(hear())).then((report) => {
    say(report)
    process.exit(0)
  })
}

main()
