/** Kill the server's side of a push at one chosen rename: by strace(1), where it is there and may trace. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import type { Member } from './clones.ts'
import type { Sandbox } from './git-servers.ts'

export interface Killer {
  /** Variables for a command whose push is killed at the server's rename number `at`, counted from 1. */
  variables(at: number): Record<string, string>
  /** Did the last such command end the server's process? */
  struck(): boolean
}

/** Why strace cannot be used here; `undefined` = it can. */
export function whyNoStrace(): string | undefined {
  const tried = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', '-e', INJECT(1), 'mv', '/nowhere/a', '/nowhere/b'])
  if (tried.error !== undefined) return 'strace is not installed'
  return tried.signal === 'SIGKILL' || tried.status === 137 ? undefined : 'strace may not trace here'
}

/** git renames a lock to its ref; so does a quarantine its packs. The call has three names (rename(2)). */
const INJECT = (at: number) => `inject=/^rename(at2?)?$:signal=KILL:when=${at}`

/** Make the pushes of these members go through a `git-receive-pack` that can be killed. */
export async function killerOf(box: Sandbox, members: readonly Member[]): Promise<Killer> {
  const program = box.path('receive-pack')
  const struck = box.path('receive-pack.struck')
  const real = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()
  const script = `#!/bin/sh
[ -z "$TEST_KILL_AT" ] && exec "${real}/git-receive-pack" "$@"
strace -f -qq -o /dev/null -e trace=/^rename -e "inject=/^rename(at2?)?$:signal=KILL:when=$TEST_KILL_AT" "${real}/git-receive-pack" "$@"
status=$?
[ "$status" -ge 128 ] && : > "${struck}"
exit $status
`
  await writeFile(program, script)
  await chmod(program, 0o755)
  for (const { cwd } of members)
    execFileSync('git', ['config', 'remote.origin.receivepack', program], { cwd, env: box.environment })
  return {
    variables: (at) => {
      rmSync(struck, { force: true })
      return { TEST_KILL_AT: String(at) }
    },
    struck: () => existsSync(struck),
  }
}
