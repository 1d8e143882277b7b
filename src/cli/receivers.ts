/** From what was typed to whom the watcher tells, and who tells it. Pure. */
import { IfBoardError } from '../model/index.ts'
import { isPrivateWay } from './collector.ts'

/** Holds the secret that webhooks are signed with; an argument would be seen by everybody on the machine. */
export const SECRET_VARIABLE = 'IF_BOARD_WEBHOOK_SECRET'

/**
 * `--notify`: the path of a program, or a JSON array of program and arguments.
 *
 * @throws IfBoardError `usage/invalid`
 */
export function toProgram(text: string): readonly [string, ...string[]] {
  if (!text.trim().startsWith('[')) return text === '' ? misuse('--notify: expected a program') : [text]
  const [program, ...args] = arrayOf(text)
  if (typeof program !== 'string' || program === '' || !args.every((arg) => typeof arg === 'string'))
    return misuse('--notify: expected a JSON array of texts, the program first')
  return [program, ...(args as string[])]
}

function arrayOf(text: string): readonly unknown[] {
  try {
    return JSON.parse(text) as unknown[]
  } catch {
    return []
  }
}

/** @throws IfBoardError `usage/invalid`; its message shows no password */
export function toWebhookUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && isPrivateWay(url)) return url.href
  return misuse('--webhook: expected a URL that begins with https://, or with http:// and is on this machine')
}

/** @throws IfBoardError `usage/invalid` */
export function toPort(option: string, port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port
  return misuse(`${option}: expected a port from 1 to 65535, such as 4318`)
}

function misuse(message: string): never {
  throw new IfBoardError('usage/invalid', message, { hint: 'if-board watch --help' })
}
