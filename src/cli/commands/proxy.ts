import { once } from 'node:events'
import { resolve } from 'node:path'
import { IfBoardError } from '../../model/index.ts'
import { defineCommand } from '../command.ts'
import { proxyText } from '../print/proxy.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { startProxy } from '../wiring/proxy.ts'
import { withBoard } from '../with-board.ts'

/** `if-board proxy`: stays until Ctrl-C (exit status 130). */
export const proxy = defineCommand({
  usage: 'proxy',
  positionals: {},
  options: {
    socket: {
      type: 'string',
      requiresArg: true,
      describe: 'Path of the socket (default: one in a folder of this user alone)',
    },
    port: {
      type: 'number',
      requiresArg: true,
      describe: 'Listen on this port of 127.0.0.1 too, for programs that know HTTP_PROXY alone; 0 takes a free one',
    },
  },
  examples: [
    ['if-board proxy', 'services of the settings, for sessions of this clone'],
    ['if-board proxy --port 8731', 'also for http_proxy=http://if-board:CAPABILITY@127.0.0.1:8731'],
  ],
  notes:
    'Which services, and where their secrets come from: docs/proxy.md of if-board. Off until the settings name one.',
  run: ({ socket, port }, shell) => {
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
      throw new IfBoardError('usage/invalid', '--port: expected a port from 0 to 65535', {
        hint: 'if-board proxy --help',
      })
    return withBoard(shell, async (opened) => {
      const wish = { socket: socket === undefined ? undefined : resolve(shell.cwd, socket), port }
      const running = await startProxy(opened, shell, await author(opened), wish)
      const { aliases } = running
      answer(shell, { kind: 'proxy', socket: running.socket, port: running.port ?? null, aliases }, () =>
        proxyText(running),
      )
      if (!shell.stop.aborted) await once(shell.stop, 'abort')
      await running.close()
      throw new IfBoardError('interrupted', 'the proxy was ended')
    })
  },
})
