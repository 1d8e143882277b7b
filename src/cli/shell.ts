/** What a command knows of the process around it. stdout is data, stderr is talk. */
import { printable } from '../model/index.ts'
import { SCHEMA } from '../workflows/answers.ts'
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
  /** Aborted by SIGINT and SIGTERM. */
  readonly stop: AbortSignal
  readonly data: (text: string) => void
  readonly talk: (text: string) => void
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
