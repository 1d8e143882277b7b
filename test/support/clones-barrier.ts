/** A `git` in front of the real one, to be there at the moment when a command would move refs. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sandbox } from './git-servers.ts'

export interface Barrier {
  /** Variables that send a command of this session through the barrier of one round. */
  variables(round: number): Record<string, string>
  /** Sessions that came to the barrier in a round. */
  came(round: number): number
}

/** Who does not come within 20 s holds nobody up any longer: then the test fails by `came`. */
const PATIENCE = 2_000

/**
 * Makes a race real: the first command of each session that would move refs waits until every
 * session has come so far, each with what it read before.
 */
export async function barrierFor(box: Sandbox, size: number): Promise<Barrier> {
  const PATH = await gitThat(
    box,
    'barrier',
    `if [ -n "$TEST_BARRIER" ] && [ ! -e "$TEST_BARRIER/$IF_BOARD_SESSION" ]; then
  : > "$TEST_BARRIER/$IF_BOARD_SESSION"
  waited=0
  while [ "$waited" -lt ${PATIENCE} ]; do
    came=0
    for one in "$TEST_BARRIER"/*; do came=$((came + 1)); done
    [ "$came" -ge ${size} ] && break
    waited=$((waited + 1))
    sleep 0.01
  done
fi`,
  )
  const folder = (round: number) => box.path(`round-${round}`)
  return {
    variables(round) {
      mkdirSync(folder(round))
      return { TEST_BARRIER: folder(round), PATH }
    },
    came: (round) => readdirSync(folder(round)).length,
  }
}

export interface Tripwire {
  readonly variables: Record<string, string>
  /** Resolves when git begins to move refs, or when `ended` does. */
  tripped(ended: Promise<unknown>): Promise<void>
}

/** Tells when a command begins to move refs: the moment that is worth a kill. */
export async function tripwireFor(box: Sandbox): Promise<Tripwire> {
  const wire = box.path('tripwire.moving')
  const PATH = await gitThat(box, 'tripwire', `: > "${wire}"`)
  return {
    variables: { PATH },
    async tripped(ended) {
      rmSync(wire, { force: true })
      let over = false
      ended.then(() => (over = true))
      while (!over && !existsSync(wire)) await sleep(1)
    },
  }
}

/** Value of PATH with a `git` that first does this when it is about to move refs. */
async function gitThat(box: Sandbox, name: string, does: string): Promise<string> {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  mkdirSync(box.path(name))
  const script = `#!/bin/sh
moves=
for word in "$@"; do
  case "$word" in push | update-ref) moves=1 ;; esac
done
if [ -n "$moves" ]; then
${does}
fi
exec "${real}" "$@"
`
  await writeFile(box.path(name, 'git'), script)
  await chmod(box.path(name, 'git'), 0o755)
  return `${box.path(name)}:${box.environment.PATH}`
}
