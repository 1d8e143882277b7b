import { defineCommand } from '../command.ts'
import { tell } from '../shell.ts'
import { ownVersion } from '../version.ts'
import { open } from '../wiring/open.ts'

/** `if-board mcp`: a server of the Model Context Protocol on standard input and output, until its input ends. */
export const mcp = defineCommand({
  usage: 'mcp',
  positionals: {},
  options: {},
  examples: [['if-board mcp', 'started by a coding tool: see docs/mcp.md']],
  run: async (_, shell) => {
    const { serveMcp } = await import('../../mcp/main.ts')
    await serveMcp(
      {
        version: await ownVersion(),
        talk: (line) => tell(shell, line),
        async open(stop) {
          const opened = await open({ ...shell, stop, stays: true })
          if (opened.box.authority !== 'local') return opened
          return { ...opened, openWatch: async () => (await import('../wiring/watch.ts')).watchRefs(opened, stop) }
        },
      },
      { input: process.stdin, output: process.stdout, stop: shell.stop },
    )
    return 0
  },
})
