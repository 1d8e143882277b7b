/**
 * Hand OTLP documents to a collector, one after the other.
 *
 * Source: the OTLP specification, "OTLP/HTTP": a document is sent again after 429, 502, 503 and 504, and where no answer
 * came, after the time that `Retry-After` names or a growing one with jitter; every other status is final, and so is a
 * partial success.
 */
import { type EpochMs, IfBoardError, printable } from '../../model/index.ts'
import type { Chance, Clock, HttpAnswer, HttpPost } from '../../ports/index.ts'
import type { OtlpLogs } from '../../witness/otlp.ts'

export interface Collector {
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly timeoutMs: number
}

export interface SendTools {
  readonly post: HttpPost
  readonly clock: Clock
  readonly chance: Chance
}

/** What the collector said of a document that it took. */
export interface Accepted {
  /** Records that it did not take. */
  readonly rejected: number
  /** Its words, printable; `undefined`: none. */
  readonly message: string | undefined
}

const RETRYABLE: readonly number[] = [429, 502, 503, 504]
const MAX_TRIES = 5
const FIRST_PAUSE_MS = 500
/** A collector that wants more patience is asked again by the next export. */
const MAX_PAUSE_MS = 60_000

/**
 * @throws IfBoardError `collector/unreachable` when it did not answer, or would not now; `collector/refused` when it
 *   will not take the document
 */
export async function sendLogs(tools: SendTools, collector: Collector, document: OtlpLogs): Promise<Accepted> {
  const headers = new Map([...collector.headers, ['content-type', 'application/json']])
  const body = JSON.stringify(document)
  for (let tries = 1; ; tries += 1) {
    const answer = await tools.post({ url: collector.url, headers, body, timeoutMs: collector.timeoutMs })
    if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) return accepted(answer.body)
    const pause = pauseAfter(answer, tries, tools)
    if (pause === undefined) throw refused(answer)
    if (tries === MAX_TRIES || pause > MAX_PAUSE_MS) throw unreachable(answer)
    await tools.clock.sleep(pause)
  }
}

/** Milliseconds until it may be sent again; `undefined`: never. */
function pauseAfter(answer: HttpAnswer, tries: number, { clock, chance }: SendTools): number | undefined {
  const growing = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + chance.fraction())
  if (answer.kind === 'unreachable') return growing
  if (!RETRYABLE.includes(answer.status)) return undefined
  return retryAfterMs(answer.retryAfter, clock.now().wallMs) ?? growing
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
export function retryAfterMs(header: string | undefined, now: EpochMs): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(at) ? Math.max(0, at - now) : undefined
}

/** `ExportLogsServiceResponse`; what is none of that says nothing. */
function accepted(body: string): Accepted {
  try {
    const { partialSuccess } = JSON.parse(body) as { partialSuccess?: Record<string, unknown> | null }
    const rejected = Number(partialSuccess?.rejectedLogRecords ?? 0)
    const words = partialSuccess?.errorMessage
    return {
      rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
      message: typeof words === 'string' && words !== '' ? printable(words, 300) : undefined,
    }
  } catch {
    return { rejected: 0, message: undefined }
  }
}

function unreachable(answer: HttpAnswer): IfBoardError {
  return new IfBoardError('collector/unreachable', `the collector did not take the log: ${wordsOf(answer)}`, {
    hint: 'Ask again later; nothing that was taken is lost, and what is sent twice has the same event id',
  })
}

function refused(answer: HttpAnswer): IfBoardError {
  return new IfBoardError('collector/refused', `the collector refused the log: ${wordsOf(answer)}`, {
    hint: 'Check its URL, and the headers that it wants: if-board witness export --help',
  })
}

function wordsOf(answer: HttpAnswer): string {
  if (answer.kind === 'unreachable') return answer.reason
  const said = printable(answer.body.trim(), 200)
  return `status ${answer.status}${said === '' ? '' : `, ${said}`}`
}
