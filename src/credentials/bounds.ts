/** What the caveats of a capability come to: all of them hold at once, so each bound is the narrowest that was set. */
import type { ObjectId, SessionName, TaskKey } from '../model/index.ts'
import type { Capability } from './capability.ts'
import { type Caveat, caveatLine } from './caveats.ts'

/** `undefined` in a field: nothing bounds it. */
export interface Bounds {
  readonly session: SessionName | undefined
  readonly task: TaskKey | undefined
  readonly claim: ObjectId | undefined
  readonly alias: string | undefined
  readonly methods: ReadonlySet<string> | undefined
  /** A request's path must be below each. */
  readonly paths: readonly string[]
  /** Seconds since 1970. */
  readonly expires: number | undefined
  readonly module: string | undefined
  readonly counted: readonly Counted[]
}

/** A bound that is counted, under a mark that every capability with the same caveats up to there has too. */
export interface Counted {
  readonly mark: string
  readonly of: 'calls' | 'bytes'
  readonly most: number
}

/** `undefined`: two caveats contradict each other, so that nothing is left. */
export function boundsOf({ id, caveats }: Capability): Bounds | undefined {
  const all = <N extends Caveat['name']>(name: N) =>
    caveats.filter((caveat): caveat is Extract<Caveat, { name: N }> => caveat.name === name)
  const names = {
    session: all('session').map(({ session }) => session),
    task: all('task').map(({ task }) => task),
    claim: all('claim').map(({ claim }) => claim),
    alias: all('alias').map(({ alias }) => alias),
    module: all('module').map(({ sha256 }) => sha256),
  }
  if (Object.values(names).some((values) => new Set<string>(values).size > 1)) return undefined
  const expires = all('expires').map(({ seconds }) => seconds)
  return {
    session: names.session[0],
    task: names.task[0],
    claim: names.claim[0],
    alias: names.alias[0],
    module: names.module[0],
    methods: common(all('methods').map(({ methods }) => methods)),
    paths: all('path').map(({ path }) => path),
    expires: expires.length === 0 ? undefined : Math.min(...expires),
    counted: countedOf(id, caveats),
  }
}

function common(sets: readonly (readonly string[])[]): ReadonlySet<string> | undefined {
  const [first, ...rest] = sets
  return first && new Set(first.filter((method) => rest.every((others) => others.includes(method))))
}

/** The mark is the capability's text up to the caveat: narrower ones share it, and another one cannot have it. */
function countedOf(id: string, caveats: readonly Caveat[]): Counted[] {
  const counted: Counted[] = []
  let mark = id
  for (const caveat of caveats) {
    mark = `${mark}\n${caveatLine(caveat)}`
    if (caveat.name === 'calls') counted.push({ mark, of: 'calls', most: caveat.calls })
    if (caveat.name === 'bytes') counted.push({ mark, of: 'bytes', most: caveat.bytes })
  }
  return counted
}

/** `/tasks` holds `/tasks` and `/tasks/1`, and not `/tasks-of-others`. */
export function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
}
