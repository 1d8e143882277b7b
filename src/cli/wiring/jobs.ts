/** What checks and bodies run by, on real git; loaded where a task has one. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Repository } from '../../adapters/git/discover.ts'
import { gitJobRepository } from '../../adapters/git/job-repository.ts'
import { wasmChassis } from '../../adapters/wasm/index.ts'
import { invariant } from '../../model/index.ts'
import type { Chassis } from '../../ports/index.ts'
import type { CommandRunner, JobTools, ServiceDesk } from '../../workflows/jobs/tools.ts'

/** One for all commands of this process: a watcher carries out those of others. */
let shared: Chassis | undefined

export interface JobWorld {
  readonly repository: Repository
  /** Processes that are kept started once something ran: for a program that stays. */
  readonly ahead: number
  readonly commands: CommandRunner
  readonly services: ServiceDesk
}

export function jobTools({ repository, ahead, commands, services }: JobWorld): JobTools {
  return {
    commands,
    services,
    repository: gitJobRepository(repository),
    chassis: async () => {
      shared ??= wasmChassis({
        guestFile: besideUs('chassis-guest.cjs'),
        engineFile: besideUs('chassis-quickjs.wasm'),
        ahead,
      })
      return shared
    },
  }
}

/** Beside this file in `dist/`; run from the sources, in the `dist/` that was built. */
function besideUs(name: string): string {
  const places = [`./${name}`, `../../../dist/${name}`].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = places.find((place) => existsSync(place))
  invariant(found !== undefined, `\`${name}\` is part of the program`)
  return found
}
