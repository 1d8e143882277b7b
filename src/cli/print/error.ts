/** Errors for people and for scripts. Pure. */
import { type IfBoardError, printable } from '../../model/index.ts'

/** `if-board: <place>: <message> [<code>]`, and what to type next. */
export function errorText({ code, message, hint, place }: IfBoardError): string {
  const where = place === undefined ? '' : `${printable(place.file, 300)}:${place.line}:${place.column}: `
  const next = hint === undefined ? '' : `  try: ${printable(hint, 1000)}\n`
  return `if-board: ${where}${printable(message, 2000)} [${code}]\n${next}`
}

/** Everything underneath, for `--debug`; stacks where there is one. */
export function causeChain(error: unknown): string {
  const lines: string[] = []
  let cause: unknown = error
  for (let depth = 0; cause !== undefined && depth < 10; depth += 1) {
    const text = cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : String(cause)
    lines.push(`${depth === 0 ? '' : 'caused by: '}${text}`)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return lines
    .join('\n')
    .split('\n')
    .map((line) => `  ${printable(line, 500)}\n`)
    .join('')
}
