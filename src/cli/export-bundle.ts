/** `witness export --format bundle`: a folder that a stranger can verify offline, with Node and nothing else. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IfBoardError, printable } from '../model/index.ts'
import { witnessBundle } from '../workflows/witness/bundle.ts'
import { answer, type Shell } from './shell.ts'
import { replacedIn } from './wiring/witness.ts'
import { withBoard } from './with-board.ts'

const HOW = `This folder holds the log of an if-board, as it was when it was exported.

    node verify.mjs witness.jsonl

says whether it is what was written. It needs Node (20 or newer) and nothing else: no network, no repository, no package.
Exit status 0: it holds. 6: something was found. Options: --level quick|chain|full|audit, --json,
--checkpoint "<fold> <size> <root>" (one that you kept elsewhere), --operators FILE (public SSH keys of the operators whom
you believe, for --level audit).
`

/** @throws IfBoardError `usage/invalid` where the folder holds something, `file/unreadable` */
export function exportBundle(shell: Shell, to: string | undefined): Promise<number> {
  if (to === undefined)
    throw new IfBoardError('usage/invalid', 'a bundle is a folder of files, and needs a place', {
      hint: 'if-board witness export --format bundle --to FOLDER',
    })
  return withBoard(shell, async (opened) => {
    const folder = await emptyFolder(resolve(shell.cwd, to))
    const { folds, lines } = await witnessBundle(opened.box, await replacedIn(opened))
    await writing(folder, async () => {
      await writeFile(join(folder, 'witness.jsonl'), ended(lines()), { flag: 'wx' })
      await copyFile(verifierFile(), join(folder, 'verify.mjs'))
      await writeFile(join(folder, 'README.txt'), HOW, { flag: 'wx' })
    })
    answer(shell, { kind: 'exported', folds, to: folder }, () =>
      [
        `${folds} folds exported to ${printable(folder, 300)}`,
        'Whoever has it types: node verify.mjs witness.jsonl',
      ].join('\n'),
    )
    return 0
  })
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}

/** Made where it is missing; what lies in it already is nobody's to replace. */
async function emptyFolder(folder: string): Promise<string> {
  await writing(folder, () => mkdir(folder, { recursive: true }))
  if ((await readdir(folder)).length > 0)
    throw new IfBoardError('usage/invalid', `\`${printable(folder, 200)}\` is not empty`, {
      hint: 'Name a folder that is empty or not there yet',
    })
  return folder
}

async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof IfBoardError) throw cause
    throw new IfBoardError('file/unreadable', `\`${printable(folder, 200)}\` cannot be written`, {
      hint: 'Name a folder in a place where you may write',
      cause,
    })
  }
}

/** Beside the program in the package; in the repository the last build made it. */
function verifierFile(): string {
  const here = fileURLToPath(import.meta.url)
  return here.endsWith('.ts') ? join(here, '..', '..', '..', 'dist', 'verify.mjs') : join(here, '..', 'verify.mjs')
}
