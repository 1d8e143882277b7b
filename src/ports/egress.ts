import type { CallAnswer, HttpCall } from '../model/index.ts'

/**
 * The way out for the calls of one run, to services that were granted to it.
 *
 * An adapter must give:
 *
 * 1. `ask` never rejects: what becomes of a call is its answer.
 * 2. Whoever asks holds what lets it ask; nothing of that is in an answer.
 * 3. It settles soon after `stop`, and nothing of the call is left then.
 * 4. A call is made once. What was lost on the way is `unreachable` or `cut`, never asked again.
 *
 * `test/adapters/proxy/egress.test.ts` asks a real proxy by it.
 */
export interface Egress {
  ask(call: HttpCall, stop: AbortSignal): Promise<CallAnswer>
}
