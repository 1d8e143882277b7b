/** What a coding tool's hooks look like from here: how it says what happened, and how it is answered. Pure. */
import { isAbsolute } from 'node:path'
import type { TranscriptTool } from '../../ports/index.ts'

/** A JSON object as a tool sent it; nothing of it is trusted. */
export type HookInput = Readonly<Record<string, unknown>>

/** What the rule has to know of one firing. */
export interface HookCall {
  /** The tool's own id of the conversation. */
  readonly sessionId: string
  /** Of a start: `goes-on` after the context of the same conversation was shortened. */
  readonly occasion: 'begins' | 'goes-on'
  /**
   * `false`: whatever the rule says, this stop stands. The user interrupted or is planning, the session waits for
   * work in its own background, or it is not the session itself that stops.
   */
  readonly mayGoOn: boolean
  /** Absolute path of the file that the conversation is written to, where the tool says it and its form is known. */
  readonly transcriptPath?: string | undefined
}

export interface HookTool {
  /** Whose form its transcripts have; absent: nobody here can read them. */
  readonly transcript?: TranscriptTool
  /** As `--tool` names it. */
  readonly name: string
  /** As people call it, and as `tool-session.ts` does. */
  readonly label: string
  /** Do the commands that the tool runs carry its session's id? Else a card names the session in each of its lines. */
  readonly commandsKnow: boolean
  /** Environment variable with the project's folder, where the tool's current directory may be another one. */
  readonly folderVariable?: string
  /** `beside`: a stop is answered at once, and `wait` waits in the background. */
  readonly waits: 'in-stop' | 'beside'
  /** Seconds that a stop may wait for a task; below the `timeout` that `init --agents` writes for it. */
  readonly waitSeconds: number
  /** `undefined`: there is no session in it, so there is nothing to answer. */
  read(input: HookInput): HookCall | undefined
  /** Answer of a start: text for the model to know. */
  context(text: string): object
  /** Answer of a stop: do not stop, go on with this. */
  goOn(text: string): object
}

/** In every tool an empty object decides nothing, and unlike no output at all nothing else is read in its place. */
export const NOTHING: object = {}

const MAX_ID = 300

/** An id of a session: some text, not longer than any tool makes them. */
export function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID ? value : undefined
}

const MAX_PATH = 4_096

/** A path that means one file, whatever the current directory is. Codex says `null` before there is a file. */
export function pathOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_PATH && isAbsolute(value) ? value : undefined
}

/** Is there anything in this list? */
export function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
