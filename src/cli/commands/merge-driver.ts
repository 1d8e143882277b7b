import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { printable } from '../../model/index.ts'
import { mergeTexts } from '../../workflows/merge-texts.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { readFiles } from '../files.ts'
import { conflictLine } from '../print/merge.ts'
import { type Shell, tell } from '../shell.ts'
import { lineMerge, mergeFilesInPlace } from '../wiring/merge.ts'

/**
 * `if-board merge-driver BASE OURS THEIRS PATH`: what git calls with `%O %A %B %P` (gitattributes(5),
 * "Defining a custom merge driver"). The result replaces OURS. Exit status 0: merged; 1: conflicts are left.
 */
export const mergeDriver = defineCommand({
  usage: 'merge-driver <base> <ours> <theirs> <path>',
  positionals: {
    base: { type: 'string', demandOption: true, describe: '%O: what both sides started from' },
    ours: { type: 'string', demandOption: true, describe: '%A: our version, replaced by the result' },
    theirs: { type: 'string', demandOption: true, describe: '%B: their version' },
    path: { type: 'string', demandOption: true, describe: '%P: where the file is on the branch' },
  },
  options: {},
  examples: [['git config merge.if-board.driver "if-board merge-driver %O %A %B %P"', 'as `checkout` registers it']],
  run: async ({ base, ours, theirs, path }, shell) => {
    const files = await readFiles(shell, [base, ours, theirs])
    const [one, two, three] = files.map(({ bytes }) => bytes)
    const versions = { base: one as Uint8Array, ours: two as Uint8Array, theirs: three as Uint8Array }
    const outcome = await mergeTexts(lineMerge(shell), { path: basename(path), versions }).catch(failure)
    if (outcome.kind === 'not-merged') return asGitDoes(shell, { base, ours, theirs, path }, outcome.reason)
    await writeFile(resolve(shell.cwd, ours), outcome.text)
    for (const conflict of outcome.conflicts) tell(shell, `${printable(path, 300)}: ${conflictLine(conflict)}`)
    return outcome.conflicts.length === 0 ? EXIT.ok : EXIT.error
  },
})

interface Named {
  readonly base: string
  readonly ours: string
  readonly theirs: string
  readonly path: string
}

/** Git takes our exit status 1 for a conflict whose marks are in the file: a failure must never look like that. */
function failure(error: unknown) {
  return { kind: 'not-merged', reason: error instanceof Error ? error.message : String(error) } as const
}

async function asGitDoes(shell: Shell, { base, ours, theirs, path }: Named, reason: string): Promise<number> {
  tell(shell, `${printable(path, 300)} is merged line by line: ${printable(reason, 300)}`)
  const isClean = await mergeFilesInPlace(shell, { base, ours, theirs })
  return isClean ? EXIT.ok : EXIT.error
}
