/** What a command knows of the process around it. stdout is data, stderr is talk. */
import { printable } from '../model/index.ts'
import { SCHEMA } from '../workflows/answers.ts'
import type { Toolbox } from '../workflows/toolbox.ts'
import { jsonText } from './json.ts'

export interface Shell {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `--json`: one object on stdout instead of text. */
  readonly json: boolean
  readonly debug: boolean
  /** `--session`, as typed. */
  readonly session: string | undefined
  /** Is somebody looking? Without, nothing asks and nothing is drawn over. */
  readonly terminal: boolean
  readonly color: boolean
  /** Of the terminal; `undefined` without one. Asked each time: windows change. */
  readonly columns: number | undefined
  readonly rows?: number | undefined
  /** When the process started that somebody waits for, milliseconds since 1970. */
  readonly startedAt: number
  /** Its standard input. */
  readonly input: NodeJS.ReadableStream
  /** Aborted by SIGINT and SIGTERM. */
  readonly stop: AbortSignal
  readonly data: (text: string) => void
  readonly talk: (text: string) => void
  /** The process goes on to other commands: what a start costs may be paid ahead. */
  readonly stays?: true
  /** Set where a watcher carries the command out for another process. */
  readonly host?: Host
}

export interface Host {
  /** The same toolbox with what the host has open, and under its guard. Throws for boards that it does not look after. */
  readonly adopt: (box: Toolbox, hubPath: string) => Toolbox
}

/** The one answer of a command: JSON, or the text that `text` makes. */
export function answer(shell: Shell, value: object, text: () => string): void {
  if (shell.json) {
    shell.data(`${jsonText({ schema: SCHEMA, ...value })}\n`)
    return
  }
  const words = text()
  if (words !== '') shell.data(words.endsWith('\n') ? words : `${words}\n`)
}

/** One line for people, beside the answer. */
export function tell(shell: Shell, line: string): void {
  shell.talk(`if-board: ${printable(line, 1000)}\n`)
}
