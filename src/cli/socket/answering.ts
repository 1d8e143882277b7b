/** What `watch` needs to answer commands of this clone, put together. */
import { dirname } from 'node:path'
import type { Toolbox } from '../../workflows/toolbox.ts'
import type { CommandEntry } from '../command.ts'
import type { Shell } from '../shell.ts'
import { ownBuild } from './build.ts'
import { carryOut, type Household, serves } from './carry-out.ts'
import { type Listening, listen } from './listen.ts'
import { receiver } from './serve.ts'

export interface AnsweringRequest {
  readonly box: Toolbox
  /** Path of the hub. */
  readonly hub: string
  readonly commands: readonly CommandEntry[]
  /** See `Household`. */
  readonly over?: ((box: Toolbox) => Toolbox) | undefined
}

/** `undefined`: not from sources, and not where no socket can be; commands do their work themselves then. */
export async function startAnswering(
  { environment }: Shell,
  { box, hub, commands, over }: AnsweringRequest,
): Promise<Listening | undefined> {
  const build = ownBuild()
  if (build === undefined || environment.IF_BOARD_SOCKET === 'off') return undefined
  const household: Household = { hub, objects: box.objects, environment, build, commands, over }
  const receive = receiver({
    monotonicMs: () => performance.now(),
    serves: serves(household),
    carryOut: (errand) => carryOut(household, errand),
  })
  return listen({ folder: dirname(hub), build, receive })
}
