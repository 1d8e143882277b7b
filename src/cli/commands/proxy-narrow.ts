import { type Caveat, narrowCapability } from '../../credentials/index.ts'
import { IfBoardError } from '../../model/index.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { BOUND_OPTIONS, toBounds, toWhole } from '../proxy-bounds.ts'
import { answer } from '../shell.ts'
import { hmacSha256 } from '../wiring/proxy-place.ts'

const VARIABLE = 'IF_BOARD_CAPABILITY'
const A_DAY = 24 * 60

/** `if-board proxy narrow`: prints a capability that allows less; asks nobody. */
export const narrow = defineCommand({
  usage: 'proxy narrow',
  positionals: {},
  options: {
    minutes: { type: 'number', requiresArg: true, describe: 'From now, at most' },
    module: { type: 'string', requiresArg: true, describe: 'SHA-256 of the module whose calls it is for' },
    ...BOUND_OPTIONS,
  },
  examples: [[`${VARIABLE}=$(if-board proxy narrow --methods GET --calls 10)`, 'before a program is started with it']],
  notes: `Reads the capability from ${VARIABLE}, since an argument is seen by everybody on the machine. Works anywhere.`,
  run: async ({ minutes, module, ...typed }, shell) => {
    const caveats = caveatsOf({ ...typed, minutes, module })
    const capability = narrowCapability(hmacSha256, shell.environment[VARIABLE] ?? '', caveats)
    if (capability === undefined)
      throw new IfBoardError('usage/invalid', `${VARIABLE} holds no capability that could be narrowed further`, {
        hint: `${VARIABLE}=$(if-board proxy grant ALIAS)`,
      })
    answer(shell, { kind: 'proxy-narrowed', capability }, () => capability)
    return EXIT.ok
  },
})

interface Typed {
  readonly minutes: number | undefined
  readonly module: string | undefined
}

function caveatsOf({ minutes, module, ...typed }: Typed & Parameters<typeof toBounds>[0]): Caveat[] {
  const { methods, path, calls, bytes } = toBounds(typed)
  if (module !== undefined && !/^[0-9a-f]{64}$/.test(module))
    throw new IfBoardError('usage/invalid', '--module: expected a SHA-256, 64 hexadecimal digits', {
      hint: 'if-board proxy narrow --help',
    })
  const seconds = minutes === undefined ? 0 : toWhole('--minutes', minutes, A_DAY) * 60
  const caveats: readonly (Caveat | undefined)[] = [
    methods && { name: 'methods', methods },
    path === undefined ? undefined : { name: 'path', path },
    calls === undefined ? undefined : { name: 'calls', calls },
    bytes === undefined ? undefined : { name: 'bytes', bytes },
    module === undefined ? undefined : { name: 'module', sha256: module },
    minutes === undefined ? undefined : { name: 'expires', seconds: Math.floor(Date.now() / 1000) + seconds },
  ]
  return caveats.filter((caveat) => caveat !== undefined)
}
