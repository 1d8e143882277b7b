/**
 * A `git` in front of the real one that makes a race real: the first command of each session that
 * would move refs waits until every session has come so far, each with what it read before.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import type { Sandbox } from './git-servers.ts'

export interface Barrier {
  /** Variables that send a command of this session through the barrier of one round. */
  variables(round: number): Record<string, string>
  /** Sessions that came to the barrier in a round. */
  came(round: number): number
}

/** Who does not come within 20 s holds nobody up any longer: then the test fails by `came`. */
const PATIENCE = 2_000

export async function barrierFor(box: Sandbox, size: number): Promise<Barrier> {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  mkdirSync(box.path('barrier'))
  const script = `#!/bin/sh
moves=
for word in "$@"; do
  case "$word" in push | update-ref) moves=1 ;; esac
done
if [ -n "$moves" ] && [ -n "$TEST_BARRIER" ] && [ ! -e "$TEST_BARRIER/$IF_BOARD_SESSION" ]; then
  : > "$TEST_BARRIER/$IF_BOARD_SESSION"
  waited=0
  while [ "$waited" -lt ${PATIENCE} ]; do
    came=0
    for one in "$TEST_BARRIER"/*; do came=$((came + 1)); done
    [ "$came" -ge ${size} ] && break
    waited=$((waited + 1))
    sleep 0.01
  done
fi
exec "${real}" "$@"
`
  await writeFile(box.path('barrier/git'), script)
  await chmod(box.path('barrier/git'), 0o755)
  const folder = (round: number) => box.path(`round-${round}`)
  return {
    variables(round) {
      mkdirSync(folder(round))
      return { TEST_BARRIER: folder(round), PATH: `${box.path('barrier')}:${box.environment.PATH}` }
    },
    came: (round) => readdirSync(folder(round)).length,
  }
}
