/** A `git` in front of the real one that writes down its arguments: what others could see in a process list. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import type { Environment, Sandbox } from './git-servers.ts'

export interface GitLogger {
  readonly environment: Environment
  /** Arguments of every git command so far, one line each. */
  arguments(): Promise<string[]>
}

export async function logGit(box: Sandbox): Promise<GitLogger> {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  await mkdir(box.path('logger'))
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> "${box.path('git.log')}"\nexec "${real}" "$@"\n`
  await writeFile(box.path('logger/git'), script)
  await chmod(box.path('logger/git'), 0o755)
  return {
    environment: { ...box.environment, PATH: `${box.path('logger')}:${box.environment.PATH}` },
    arguments: async () => (await readFile(box.path('git.log'), 'utf8').catch(() => '')).split('\n'),
  }
}
