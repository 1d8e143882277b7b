/** `proxy:` of the settings ↔ the aliases' own form. */
import { microUsdOf, type ProxyAlias, printable, type SessionName } from '../../model/index.ts'
import { patternProblem } from '../match.ts'
import { toUsd } from './amount.ts'
import { type Finding, invalid } from './finding.ts'
import { pointerTo } from './tree.ts'

export interface WrittenAlias {
  readonly url?: string
  readonly connect?: readonly string[]
  readonly methods?: readonly string[]
  readonly paths?: readonly string[]
  readonly sessions?: readonly string[]
  readonly secret?: string
  readonly budget?: { readonly requests?: number; readonly bytes?: number; readonly usd?: number }
  readonly usdPerRequest?: number
  readonly timeoutSeconds?: number
}

type Written = Readonly<Record<string, WrittenAlias>>

const METHODS: readonly string[] = ['GET', 'HEAD']
const PATHS: readonly string[] = ['/**']
const TIMEOUT_SECONDS = 10

export function toProxy(written: Written): ProxyAlias[] {
  return Object.entries(written).map(([alias, { url, usdPerRequest, budget = {}, sessions, secret, ...rest }]) => {
    const { usd, ...amounts } = budget
    return {
      alias,
      ...(url === undefined ? {} : { url: new URL(url).href }),
      connect: rest.connect ?? [],
      methods: rest.methods ?? METHODS,
      paths: rest.paths ?? PATHS,
      ...(sessions === undefined ? {} : { sessions: sessions as readonly SessionName[] }),
      ...(secret === undefined ? {} : { secret }),
      budget: { ...amounts, ...(usd === undefined ? {} : { microUsd: microUsdOf(usd) }) },
      microUsdPerRequest: microUsdOf(usdPerRequest ?? 0),
      timeoutSeconds: rest.timeoutSeconds ?? TIMEOUT_SECONDS,
    }
  })
}

/** As settings write it, without what is the default. */
export function writeProxy(aliases: readonly ProxyAlias[]): Written {
  return Object.fromEntries(aliases.map((alias) => [alias.alias, writtenOf(alias)]))
}

function writtenOf({ url, connect, methods, paths, sessions, secret, ...rest }: ProxyAlias): WrittenAlias {
  const { microUsd, ...amounts } = rest.budget
  const budget = { ...amounts, ...(microUsd === undefined ? {} : { usd: toUsd(microUsd) }) }
  return {
    ...(url === undefined ? {} : { url }),
    ...(connect.length === 0 ? {} : { connect }),
    ...(isSame(methods, METHODS) ? {} : { methods }),
    ...(isSame(paths, PATHS) ? {} : { paths }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(secret === undefined ? {} : { secret }),
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
    ...(rest.microUsdPerRequest === 0 ? {} : { usdPerRequest: toUsd(rest.microUsdPerRequest) }),
    ...(rest.timeoutSeconds === TIMEOUT_SECONDS ? {} : { timeoutSeconds: rest.timeoutSeconds }),
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at])
}

/** What no schema can say: bases that are no URL, patterns, ports, and an alias that leads nowhere. */
export function proxyFindings(written: Written): Finding[] {
  return Object.entries(written).flatMap(([alias, { url, connect = [], paths = [] }]) => {
    const place = pointerTo('/proxy', alias)
    const name = `proxy.${alias}`
    const nowhere = url === undefined && connect.length === 0
    const badUrl = url !== undefined && !isBase(url)
    return [
      ...(nowhere ? [invalid(place, `\`${name}\` needs a \`url\`, or hosts in \`connect\``)] : []),
      ...(badUrl
        ? [invalid(pointerTo(place, 'url'), `\`${name}.url\`: ${printable(url, 60)} is no base of a service`)]
        : []),
      ...connect.flatMap((host, at) =>
        Number(host.slice(host.lastIndexOf(':') + 1)) <= 65_535
          ? []
          : [invalid(pointerTo(pointerTo(place, 'connect'), at), `\`${name}.connect\`: ports end at 65535`)],
      ),
      ...paths.flatMap((pattern, at) => {
        const problem = pattern === '/' ? undefined : patternProblem(pattern.slice(1))
        if (problem === undefined) return []
        const list = pointerTo(pointerTo(place, 'paths'), at)
        return [invalid(list, `\`${name}.paths\`: \`${printable(pattern, 60)}\`: ${problem}`)]
      }),
    ]
  })
}

/** As a URL it has to say what its text says, or what people read is not what is asked: `http://1` is an address. */
function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hostname, pathname } = new URL(text)
  const [, name, path = '/'] = /^https?:\/\/([^/]*?)(?::\d{1,5})?(\/.*)?$/.exec(text) ?? []
  return name !== '' && name === hostname && path === pathname
}
