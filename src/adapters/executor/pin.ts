/** Which file a program is: found along a search path, followed to its end, and named by its bytes. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, realpath, stat } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { IfBoardError, printable } from '../../model/index.ts'
import type { ProgramPin } from '../../ports/index.ts'
import { isInside } from './inside.ts'

const OTHERS_MAY_WRITE = 0o002
/** What a system without execute permission starts by itself; a batch file would need a shell. */
const WINDOWS_ENDINGS = ['.exe', '.com']

/**
 * @param workTree  whoever edits the project could edit a program that lies in it, so none there is pinned
 * @throws IfBoardError `executor/cannot-pin`
 */
export async function pinProgram(program: string, workTree: string, searchPath: string): Promise<ProgramPin> {
  const path = await firstOnPath(program, searchPath)
  if (path === undefined)
    throw cannotPin(
      `the program \`${printable(program, 60)}\` was not found along your PATH`,
      'Install it, or set PATH so that it is found',
    )
  const realPath = await realpath(path)
  const root = await realpath(workTree)
  if (isInside(root, path) || isInside(root, realPath))
    throw cannotPin(
      `\`${printable(path, 200)}\` lies in the work tree`,
      'Install it outside of the project, where the project’s own changes do not reach it',
    )
  for (const place of new Set([realPath, dirname(realPath), dirname(path)]))
    if (await othersMayWrite(place))
      throw cannotPin(
        `anybody on this machine can write \`${printable(place, 200)}\``,
        `Look at it, then: chmod o-w ${printable(place, 200)}`,
      )
  const before = await stateOf(realPath)
  const sha256 = await sha256Of(realPath)
  const state = before === (await stateOf(realPath)) ? before : undefined
  return { program, path, realPath, sha256, ...(state === undefined ? {} : { state }) }
}

function cannotPin(message: string, hint: string): IfBoardError {
  return new IfBoardError('executor/cannot-pin', message, { hint })
}

async function firstOnPath(program: string, searchPath: string): Promise<string | undefined> {
  const endings = process.platform === 'win32' ? WINDOWS_ENDINGS : ['']
  for (const folder of searchPath.split(delimiter).filter(isAbsolute))
    for (const ending of endings) {
      const path = join(folder, `${program}${ending}`)
      if (await canRun(path)) return path
    }
  return undefined
}

async function canRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

async function othersMayWrite(path: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(path)).mode & OTHERS_MAY_WRITE) !== 0
}

/** Why this is not the file that was pinned; `undefined`: it is. */
export async function pinProblem({ program, path, realPath, sha256, state }: ProgramPin): Promise<string | undefined> {
  const shown = printable(program, 60)
  const now = await realpath(path).catch(() => undefined)
  if (now === undefined) return `${shown}: \`${printable(path, 200)}\` is not there any more`
  if (now !== realPath)
    return `${shown}: \`${printable(path, 200)}\` leads to \`${printable(now, 200)}\` now, not to \`${printable(realPath, 200)}\``
  if (state !== undefined && state === (await stateOf(realPath))) return undefined
  const found = await sha256Of(realPath).catch(() => undefined)
  return found === sha256
    ? undefined
    : `${shown}: \`${printable(realPath, 200)}\` has other bytes than it was pinned with`
}

/** Younger changes could be followed by another one within the same tick of the file system's clock. */
const SETTLED_MS = 2_000

/**
 * Every change of a file's bytes sets its time of change, which no call sets back: inode(7), st_ctime. So while it is the
 * same, reading a hundred megabytes again would tell nothing. Windows has no such time.
 */
async function stateOf(path: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  const { dev, ino, size, ctimeNs, ctimeMs } = await stat(path, { bigint: true })
  return Date.now() - Number(ctimeMs) < SETTLED_MS ? undefined : [dev, ino, size, ctimeNs].join(' ')
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer)
  return hash.digest('hex')
}
