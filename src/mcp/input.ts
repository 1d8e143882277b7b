/** Arguments of tools: fields as data, from which a client gets its JSON Schema and the server its check. Pure. */
import { IfBoardError, printable } from '../model/index.ts'

export interface Field {
  readonly type: 'string' | 'number' | 'boolean'
  readonly description: string
  readonly required?: true
  /** For numbers; the least is 0. */
  readonly most?: number
}

export type Fields = Readonly<Record<string, Field>>

type ValueOf<F extends Field> = F['type'] extends 'string' ? string : F['type'] extends 'number' ? number : boolean

export type ArgumentsOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends { required: true } ? ValueOf<F[Name]> : ValueOf<F[Name]> | undefined
}

/** UTF-16 code units. A note has room for 500, a command line for not much more. */
const LONGEST_TEXT = 4_000

/** JSON Schema 2020-12, an object: what `tools/list` shows. */
export function inputSchema(fields: Fields) {
  const properties = Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])
  const required = Object.keys(fields).filter((name) => fields[name]?.required === true)
  return {
    type: 'object' as const,
    properties: Object.fromEntries(properties) as Record<string, object>,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

function fieldSchema({ type, description, most }: Field): object {
  if (type === 'string') return { type, description, maxLength: LONGEST_TEXT }
  if (type === 'number') return { type, description, minimum: 0, ...(most === undefined ? {} : { maximum: most }) }
  return { type, description }
}

/** @throws IfBoardError `usage/invalid`, naming the argument */
export function readArguments<const F extends Fields>(fields: F, given: unknown): ArgumentsOf<F> {
  const values = new Map(Object.entries(isRecord(given) ? given : invalid('arguments', 'expects an object')))
  for (const name of values.keys())
    if (!Object.hasOwn(fields, name)) invalid(name, `is not known here; there is ${Object.keys(fields).join(', ')}`)
  const read = Object.entries(fields).map(([name, field]) => [name, readValue(name, field, values.get(name))])
  return Object.fromEntries(read) as ArgumentsOf<F>
}

/** Models write `null` for what they leave out. */
function readValue(name: string, field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return field.required === true ? invalid(name, 'is missing') : undefined
  if (typeof value !== field.type) return invalid(name, `expects a ${field.type}`)
  if (typeof value === 'string' && value.length > LONGEST_TEXT)
    return invalid(name, `has more than ${LONGEST_TEXT} characters`)
  if (typeof value === 'number' && !(value >= 0 && value <= (field.most ?? Number.MAX_SAFE_INTEGER)))
    return invalid(name, `expects a number from 0 to ${field.most ?? Number.MAX_SAFE_INTEGER}`)
  return value
}

function invalid(name: string, what: string): never {
  throw new IfBoardError('usage/invalid', `\`${printable(name, 64)}\` ${what}`, {
    hint: 'The input schema of this tool, in tools/list, says what it takes',
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
