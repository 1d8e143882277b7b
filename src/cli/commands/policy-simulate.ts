import { IfBoardError, printable } from '../../model/index.ts'
import type { PolicyFile } from '../../ports/index.ts'
import { policySimulate } from '../../workflows/policy-simulate.ts'
import { defineCommand } from '../command.ts'
import { readFiles } from '../files.ts'
import { pageOf } from '../page-of.ts'
import { simulateText } from '../print/policy.ts'
import { answer, type Shell } from '../shell.ts'
import { withLog } from '../with-log.ts'

/** `if-board policy simulate`: what would have been refused in the log so far. */
export const simulate = defineCommand({
  usage: 'policy simulate',
  positionals: {},
  options: {
    file: { type: 'string', array: true, requiresArg: true, describe: 'A policy to try, for that of the same name' },
    config: { type: 'string', requiresArg: true, describe: 'Settings to try, instead of those of the branch' },
  },
  examples: [
    ['if-board policy simulate --file night.cedar', 'what a new policy would have refused, before it is pushed'],
    ['if-board policy simulate --config config.yml', 'the same for caps, breakers, hours, sections, approval'],
  ],
  notes: 'Budgets, breakers, capabilities and forbidden paths are left out.',
  run: async ({ file = [], config }, shell) => {
    const files = await policyFiles(shell, file)
    const settings = config === undefined ? undefined : { name: config, text: await textOf(shell, config) }
    return withLog(shell, async (book) => {
      const found = await policySimulate(book, { files, config: settings })
      answer(shell, { kind: 'policy-simulate', ...found }, () => simulateText(found, pageOf(shell)))
      return 0
    })
  },
})

async function policyFiles(shell: Shell, names: readonly string[]): Promise<PolicyFile[]> {
  return Promise.all(names.map(async (name) => ({ name, text: await textOf(shell, name) })))
}

async function textOf(shell: Shell, name: string): Promise<string> {
  const [file] = await readFiles(shell, [name])
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file?.bytes)
  } catch (cause) {
    throw new IfBoardError('file/unreadable', `\`${printable(name, 200)}\` is not UTF-8`, {
      hint: 'Save it as UTF-8',
      cause,
    })
  }
}
