/** Bounds of a capability, as `proxy grant` and `proxy narrow` take them. Pure. */
import { isPath, METHOD } from '../credentials/index.ts'
import { IfBoardError, printable } from '../model/index.ts'

export const BOUND_OPTIONS = {
  methods: { type: 'string', requiresArg: true, describe: 'Methods, such as GET,PUT' },
  path: { type: 'string', requiresArg: true, describe: 'A path below the base: it, and what is below it' },
  calls: { type: 'number', requiresArg: true, describe: 'Requests, at most' },
  bytes: { type: 'number', requiresArg: true, describe: 'Bytes of bodies, both ways, at most' },
} as const

export interface TypedBounds {
  readonly methods?: string | undefined
  readonly path?: string | undefined
  readonly calls?: number | undefined
  readonly bytes?: number | undefined
}

export interface Bounds {
  readonly methods?: readonly string[]
  readonly path?: string
  readonly calls?: number
  readonly bytes?: number
}

/** @throws IfBoardError `usage/invalid` */
export function toBounds({ methods, path, calls, bytes }: TypedBounds): Bounds {
  return {
    ...(methods === undefined ? {} : { methods: toMethods(methods) }),
    ...(path === undefined ? {} : { path: toPath(path) }),
    ...(calls === undefined ? {} : { calls: toWhole('--calls', calls, Number.MAX_SAFE_INTEGER) }),
    ...(bytes === undefined ? {} : { bytes: toWhole('--bytes', bytes, Number.MAX_SAFE_INTEGER) }),
  }
}

function toMethods(text: string): readonly string[] {
  const methods = [...new Set(text.split(',').map((word) => word.trim().toUpperCase()))]
  if (methods.length <= 20 && methods.every((word) => METHOD.test(word))) return methods
  return misuse(`--methods: \`${printable(text, 60)}\` is no list of methods such as GET,PUT`)
}

function toPath(text: string): string {
  const path = text.length > 1 ? text.replace(/\/$/, '') : text
  if (path.length <= 400 && isPath(path)) return path
  return misuse(`--path: \`${printable(text, 60)}\` is no path such as /tasks, without \`.\` and \`..\``)
}

/** @throws IfBoardError `usage/invalid` */
export function toWhole(option: string, number: number, most: number): number {
  if (Number.isSafeInteger(number) && number >= 1 && number <= most) return number
  return misuse(`${option}: expected a whole number from 1${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`)
}

function misuse(message: string): never {
  throw new IfBoardError('usage/invalid', message, { hint: 'if-board proxy grant --help' })
}
