/** What coding tools tell over OpenTelemetry of the requests that they made to models. */
import type { EpochMs, ModelUsage, Usd } from '../model/index.ts'
import type { TranscriptTool } from './transcripts.ts'

/** One request that was answered. */
export interface ToldRequest {
  readonly tool: TranscriptTool
  /** The tool's own id of the conversation. */
  readonly sessionId: string
  /** When it was answered, by the tool's clock: that of this machine. */
  readonly at: EpochMs
  readonly usage: ModelUsage
  /** As the tool reckons it; absent where it does not. */
  readonly usd?: Usd | undefined
}
