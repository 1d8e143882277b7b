/** Editing with a person's own editor, started the way git does it. */
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BoardName, IfBoardError, isBoardName } from '../../model/index.ts'
import { BOARD_FILE, type EditDesk } from '../../ports/index.ts'
import { tryFileLock } from '../process/file-lock.ts'
import { writeFileAtomic } from './atomic-file.ts'
import type { Repository } from './discover.ts'
import { runGit } from './git.ts'

/** Beside and not within the folder of the hub, so that removing if-board from a clone leaves a kept edit alone. */
const FOLDER = 'if-board-edits'

/** A desk of this work tree; `name` is one path component. */
export function gitEditDesk(repository: Repository, name: string): EditDesk {
  const folder = join(repository.gitDir, FOLDER, name)
  return {
    async lock() {
      await mkdir(join(repository.gitDir, FOLDER), { recursive: true })
      return tryFileLock(`${folder}.lock`)
    },
    read: (file) => readFile(join(folder, file)).catch(unlessAbsent),
    async write(file, text) {
      await mkdir(folder, { recursive: true })
      await writeFileAtomic(join(folder, file), text)
      return join(folder, file)
    },
    clear: () => rm(folder, { recursive: true, force: true }),
    open: (file) => openEditor(repository, join(folder, file)),
  }
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/**
 * `git var GIT_EDITOR` says which one (GIT_EDITOR, core.editor, VISUAL, EDITOR, git's own default), and git
 * itself runs it: an alias that begins with `!` goes through the same `run_command` with a shell, if one is
 * needed, as git's own `launch_editor` (git-config(1), `alias.*`), on every platform.
 */
async function openEditor({ gitDir, workTree, environment }: Repository, path: string): Promise<'closed' | 'failed'> {
  const cwd = workTree ?? gitDir
  const asked = await runGit({ cwd, gitDir, environment }, { args: ['var', 'GIT_EDITOR'] })
  const editor = asked.stdout.trim()
  if (asked.exitCode !== 0 || editor === '' || editor.includes('\n'))
    throw new IfBoardError('edit/no-editor', 'git knows no editor to open here', {
      hint: 'git config --global core.editor NAME, or edit in a clone of the boards: if-board checkout',
    })
  const status = await whileSignalsAreTheEditors(() => {
    const args = ['-c', `alias.if-board-edit=!${editor}`, 'if-board-edit', path]
    const child = spawn('git', args, { cwd, env: environment as NodeJS.ProcessEnv, stdio: 'inherit' })
    return new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve(code ?? -1))
    })
  })
  return status === 0 ? 'closed' : 'failed'
}

/** Ctrl-C in an editor is a key of the editor's; git ignores it meanwhile too. */
async function whileSignalsAreTheEditors<T>(work: () => Promise<T>): Promise<T> {
  const listeners = process.listeners('SIGINT')
  const ignore = () => undefined
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', ignore)
  try {
    return await work()
  } finally {
    process.off('SIGINT', ignore)
    for (const listener of listeners) process.on('SIGINT', listener)
  }
}

/** Boards that lie on a desk of this work tree because their edits are not pushed yet. */
export async function keptEdits({ gitDir }: Repository): Promise<BoardName[]> {
  const desks = await readdir(join(gitDir, FOLDER)).catch(unlessAbsent)
  const names = await Promise.all(
    (desks ?? []).filter((name) => !name.endsWith('.lock')).map((name) => nameOn(join(gitDir, FOLDER, name))),
  )
  return names.filter((name) => name !== undefined).sort()
}

async function nameOn(folder: string): Promise<BoardName | undefined> {
  const name = await readFile(join(folder, BOARD_FILE), 'utf8').catch(unlessAbsent)
  return name !== undefined && isBoardName(name) ? name : undefined
}
