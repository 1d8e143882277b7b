/** What `proxy` answers, for people. Pure. */
import { printable } from '../../model/index.ts'
import { DOMAIN } from '../../proxy/index.ts'

export interface Listening {
  readonly socket: string
  readonly port: number | undefined
  readonly aliases: readonly string[]
}

export function proxyText({ socket, port, aliases }: Listening): string {
  const lines = [
    `Services: ${aliases.join(', ') || 'none'}`,
    `Socket: ${printable(socket, 200)}`,
    ...(port === undefined ? [] : [`Loopback: http://127.0.0.1:${port}`]),
    'A session asks for one: if-board proxy grant ALIAS',
  ]
  return `${lines.join('\n')}\n`
}

export interface Granted extends Omit<Listening, 'aliases'> {
  readonly alias: string
  readonly task: string
  /** ISO 8601. */
  readonly expires: string
}

/** How to use it; the capability itself is the answer. */
export function grantHints({ alias, task, expires, socket, port }: Granted): string[] {
  return [
    `for \`${alias}\`, until ${expires} or until ${printable(task, 80)} is given back`,
    `curl --unix-socket ${printable(socket, 200)} -H "Proxy-Authorization: Bearer $IF_BOARD_CAPABILITY" http://proxy/${alias}/PATH`,
    ...(port === undefined
      ? []
      : [
          `http_proxy="http://if-board:$IF_BOARD_CAPABILITY@127.0.0.1:${port}" curl http://${alias}.${DOMAIN}/PATH`,
          'http_proxy is advice: a program that has the network itself can leave it aside',
        ]),
  ]
}
