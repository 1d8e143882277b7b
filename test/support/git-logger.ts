/** A `git` in front of the real one that writes down its arguments: what others could see in a process list. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import type { Environment, Sandbox } from './git-servers.ts'

export interface GitLogger {
  readonly environment: Environment
  /** Arguments of every git command so far, one line each. */
  arguments(): Promise<string[]>
  /** When the last of them started, milliseconds since 1970; NaN before the first. */
  lastAt(): Promise<number>
}

/** `name` tells several of one sandbox apart. */
export async function logGit(box: Sandbox, name = 'logger'): Promise<GitLogger> {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  await mkdir(box.path(name))
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> "${box.path(`${name}.log`)}"\nexec "${real}" "$@"\n`
  await writeFile(box.path(name, 'git'), script)
  await chmod(box.path(name, 'git'), 0o755)
  return {
    environment: { ...box.environment, PATH: `${box.path(name)}:${box.environment.PATH}` },
    lastAt: async () => (await stat(box.path(`${name}.log`)).catch(() => undefined))?.mtimeMs ?? Number.NaN,
    arguments: async () => (await readFile(box.path(`${name}.log`), 'utf8').catch(() => '')).split('\n'),
  }
}
