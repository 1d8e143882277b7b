/** `run --pin NAME`: a person says which file a granted program is on this machine. */
import { openGrants } from '../../executor/index.ts'
import { IfBoardError, printable } from '../../model/index.ts'
import type { ProgramPin } from '../../ports/index.ts'
import { read } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import type { ExecutorTools } from './tools.ts'

export interface Pinned {
  readonly command: string
  readonly pin: ProgramPin
  readonly before: ProgramPin | undefined
}

/** @throws IfBoardError `usage/invalid` for a name that is not granted, `executor/cannot-pin`, and as `read` */
export async function pinCommand(box: Toolbox, { executor, pins, tree }: ExecutorTools, name: string): Promise<Pinned> {
  const { config } = await read(box)
  const grants = openGrants(config.commands ?? [])
  const grant = grants.find((one) => one.name === name)
  if (grant === undefined)
    throw notGranted(
      name,
      grants.map((one) => one.name),
    )
  const pin = await executor.find(grant.program, tree.root)
  const known = await pins.read()
  await pins.write(new Map([...known, [name, pin]]))
  return { command: name, pin, before: known.get(name) }
}

function notGranted(name: string, names: readonly string[]): IfBoardError {
  const hint =
    names.length === 0 ? 'A person grants commands in the settings: docs/executor.md' : `Granted: ${names.join(', ')}`
  return new IfBoardError('usage/invalid', `the settings grant no command \`${printable(name, 60)}\``, { hint })
}
