/** One command of a session, carried out in the watcher's process as it would be in its own. */
import { Readable } from 'node:stream'
import type { ObjectStore } from '../../ports/index.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import type { CommandEntry } from '../command.ts'
import { readGlobals } from '../globals.ts'
import { toolNamed } from '../hooks/index.ts'
import { report } from '../report.ts'
import { lookUp, runCommand } from '../run.ts'
import type { Host, Shell } from '../shell.ts'
import type { Ask, Said } from './messages.ts'
import type { CarriedOut, Errand } from './serve.ts'
import { asAskedBy, steeringDigest } from './variables.ts'

export interface Household {
  /** Path of the hub that the watcher has open. */
  readonly hub: string
  /** Its objects, read without starting anything. */
  readonly objects: ObjectStore
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly build: string
  readonly commands: readonly CommandEntry[]
  /** The toolbox over etcd, if that decides claims now. */
  readonly over?: ((box: Toolbox) => Toolbox) | undefined
}

/** What a command says in all; a card is 1.5 KB, and what is told is capped too. */
const MAX_SAID = 1 << 20

/** The boards around its folder are not the ones that the watcher looks after. */
class Elsewhere extends Error {}
/** The command has given up meanwhile, or may have. */
class NotAwaited extends Error {}

/**
 * What this answers by what was typed alone. Only what may be done twice (docs/socket.md), ends soon and speaks for its
 * own process alone: waiting gains nothing from a quick start, and `--debug` counts the commands of one process.
 */
export function serves({ environment, build }: Household): (ask: Ask) => boolean {
  const steering = steeringDigest(environment)
  return (ask) => ask.build === build && ask.steering === steering && isServed(ask.words)
}

export function isServed([command, ...words]: readonly string[]): boolean {
  const end = words.indexOf('--')
  const options = end < 0 ? words : words.slice(0, end)
  if (options.some((word) => /^(?:-h|--(?:wait|debug|help)\b)/.test(word))) return false
  if (command === 'hook') return isServedHook(words)
  return command === 'next' || command === 'claim' || command === 'done' || command === 'renew'
}

/** `wait` stays for minutes, and so does a stop of a tool that has no other way to wait. */
function isServedHook([event, option, name, ...more]: readonly string[]): boolean {
  const tool = option === '--tool' && more.length === 0 ? toolNamed(name ?? '') : undefined
  if (tool === undefined || event === 'wait') return false
  return event !== 'stop' || tool.waits !== 'in-stop'
}

export async function carryOut(household: Household, errand: Errand): Promise<CarriedOut | 'declined'> {
  const { ask, stop, mayMove, about } = errand
  const said: Said[] = []
  let size = 0
  const say = (stream: Said[0]) => (text: string) => {
    size += text.length
    if (size <= MAX_SAID) said.push([stream, text])
  }
  const globals = readGlobals(ask.words)
  let fate: Elsewhere | NotAwaited | undefined
  const refuse = (why: Elsewhere | NotAwaited) => {
    fate = why
    throw why
  }
  const check = () => {
    if (!mayMove()) refuse(new NotAwaited())
  }
  const host: Host = {
    adopt(box, hub) {
      if (hub !== household.hub) refuse(new Elsewhere())
      const own = { ...box, objects: household.objects }
      const over = household.over?.(own) ?? own
      return { ...over, ...guarded(over, check), aboutToEnd: about }
    },
  }
  const shell: Shell = {
    cwd: ask.cwd,
    environment: asAskedBy(household.environment, ask.variables),
    json: globals.json,
    debug: false,
    session: globals.session,
    terminal: ask.terminal,
    color: ask.color,
    columns: ask.columns ?? undefined,
    rows: ask.rows ?? undefined,
    startedAt: ask.startedAt,
    input: Readable.from(ask.input === null ? [] : [Buffer.from(ask.input, 'base64')]),
    stop,
    data: say('data'),
    talk: say('talk'),
    stays: true,
    host,
  }
  const typed = lookUp(globals, household.commands)
  if (typed === undefined) return 'declined'
  const status = await runCommand(typed, shell).catch((error) => report(error, shell))
  if (fate instanceof Elsewhere) return 'declined'
  if (fate !== undefined || size > MAX_SAID) throw new NotAwaited()
  return { status, said }
}

/** Whatever a command makes of it: nothing is moved or remembered for one that has given up. */
function guarded({ refs, memory }: Toolbox, check: () => void): Pick<Toolbox, 'refs' | 'memory'> {
  return {
    refs: {
      guards: refs.guards,
      list: () => refs.list(),
      peek: () => refs.peek(),
      async moveAll(moves, unchanged) {
        check()
        return refs.moveAll(moves, unchanged)
      },
    },
    memory: {
      ...memory,
      async write(name, text) {
        check()
        return memory.write(name, text)
      },
      async remove(name) {
        check()
        return memory.remove(name)
      },
      async update(name, change) {
        check()
        return memory.update(name, change)
      },
      async writeBytes(name, parts) {
        check()
        return memory.writeBytes(name, parts)
      },
    },
  }
}
