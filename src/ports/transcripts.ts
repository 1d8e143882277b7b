/** What coding tools write down of the tokens that their models used. */
import type { ModelUsage } from '../model/index.ts'

export type TranscriptTool = 'claude-code' | 'codex' | 'gemini'

export interface Transcript {
  readonly tool: TranscriptTool
  /** Absolute path of the file that the tool appends to. */
  readonly path: string
  /** The tool's own session id, where it is known: a file of another session tells nothing. */
  readonly id?: string | undefined
}

export interface Reading {
  /** By model; empty: no figure, which is not the same as no tokens. */
  readonly usage: readonly ModelUsage[]
  /** `part`: something was used since the mark that can no longer be counted, so no sum with this reading is whole. */
  readonly counted: 'all' | 'part'
  /** Where the next reading goes on; a text of the adapter's own. */
  readonly mark: string
}

/**
 * Reads the end of a transcript, never all of it.
 *
 * 1. Without a mark, or with one of another file, nothing is counted: the reading begins at the end of what is there.
 * 2. With the mark of the reading before, each token is counted once, however often the tool repeats a message.
 * 3. A file that was cut, replaced or has grown by more than is read at once gives no figure (`part`), and a new mark.
 * 4. `undefined`: the file cannot be read, is of another session, or of a tool that nobody knows. Never throws.
 */
export interface Transcripts {
  since(transcript: Transcript, mark: string | undefined): Promise<Reading | undefined>
}
