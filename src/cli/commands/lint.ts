import { agentsFiles } from '../../board/lint/agents-files.ts'
import type { Diagnostic } from '../../model/index.ts'
import { lintFiles } from '../../workflows/parse-files.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { agentsFilesBeside, readFiles } from '../files.ts'
import { jsonText } from '../json.ts'
import { pageOf } from '../page-of.ts'
import { lintText } from '../print/lint.ts'
import { sarif } from '../print/sarif.ts'
import { answer, type Shell } from '../shell.ts'
import { ownVersion } from '../version.ts'
import { withBoard } from '../with-board.ts'

/** `if-board lint [FILE…]`. Exit status 6 when there is an error or a warning. */
export const lint = defineCommand({
  usage: 'lint [files..]',
  positionals: {
    files: { type: 'string', array: true, describe: 'Markdown files; without, the boards of the branch' },
  },
  options: { sarif: { type: 'boolean', describe: 'Print SARIF 2.1.0, for a code host' } },
  examples: [
    ['if-board lint', 'the boards of this project'],
    ['if-board lint TASKS.md --sarif > lint.sarif', 'one file, for a code host'],
  ],
  run: async ({ files = [], sarif: asSarif }, shell) => {
    const diagnostics = files.length > 0 ? await ofFiles(shell, files) : await ofBranch(shell)
    if (asSarif === true) shell.data(`${jsonText(sarif(diagnostics, await ownVersion()), 2)}\n`)
    else answer(shell, { kind: 'lint', diagnostics }, () => lintText({ diagnostics }, pageOf(shell)))
    return diagnostics.some(({ severity }) => severity !== 'info') ? EXIT.findings : EXIT.ok
  },
})

async function ofFiles(shell: Shell, files: readonly string[]): Promise<readonly Diagnostic[]> {
  const { diagnostics } = await lintFiles(await readFiles(shell, files))
  return [...agentsFiles(await agentsFilesBeside(shell, files)), ...diagnostics]
}

async function ofBranch(shell: Shell): Promise<readonly Diagnostic[]> {
  const { lintBranch } = await import('../lint-branch.ts')
  let found: readonly Diagnostic[] = []
  await withBoard(shell, async ({ box }) => {
    found = await lintBranch(box)
    return EXIT.ok
  })
  return found
}
